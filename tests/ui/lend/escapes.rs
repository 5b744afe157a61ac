use tramp_rt::Scope;

fn main() {
    let mut kept: Option<&Scope> = None;
    let _: &Scope = tramp_rt::scope(|s| s);
    tramp_rt::scope(|s| kept = Some(s));
}
