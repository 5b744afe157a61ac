use tramp_rt::{UserData, trampoline};

trait Send {}
impl<T> Send for T {}

trait Sync {}
impl<T> Sync for T {}

#[trampoline]
unsafe extern "C" {
    fn lent(run: impl FnMut(i32) + Send);

    fn lent_or_null(run: Option<impl Fn(i32) + Send + Sync>);

    fn lent_beside_another(
        #[on_panic(return)] run: impl FnMut(i32) + Send,
        #[on_panic(return)] other: impl FnMut(i32),
    );

    fn lent_by_data(run: impl FnOnce(UserData) + Send, data: UserData);

    fn once(#[scope(async)] run: Option<impl FnOnce() + Send + 'static>);

    fn owned(#[scope(owned)] run: impl Fn(i32) + Send + Sync + 'static);

    fn forever(#[scope(forever)] run: Option<impl FnMut(i32) + Send + 'static>);

    fn notified(
        #[scope(notified)] run: impl FnMut(UserData) + Send + 'static,
        data: UserData,
        destroy: unsafe extern "C" fn(UserData),
    );

    fn notified_or_null(
        #[scope(notified)] run: Option<impl Fn(UserData) + Send + Sync + 'static>,
        data: UserData,
        destroy: unsafe extern "C" fn(UserData),
    );

    #[restore]
    fn install(handler: impl FnMut(i32) + Send) -> unsafe extern "C" fn(i32);
}

fn main() {}
