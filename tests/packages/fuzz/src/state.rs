//! What closures capture: nothing, words, bytes of every alignment, and tokens. Each token is counted.

use std::sync::atomic::{AtomicI32, AtomicI64, AtomicU32, Ordering};

use crate::actor;
use crate::fail;
use crate::random::mixed;

/// How many closures can be alive at once.
pub(crate) const MOST: usize = 1 << 16;

/// How many tokens of each closure are alive.
static TOKENS: [AtomicI32; MOST] = [const { AtomicI32::new(0) }; MOST];

/// What is to happen when the first token of a closure is dropped: [`AtDrop`], packed.
static AT_DROP: [AtomicU32; MOST] = [const { AtomicU32::new(0) }; MOST];

/// How many [`ZeroBytes`] are alive, all together.
static ZERO_BYTES: AtomicI64 = AtomicI64::new(0);

/// Which closure it is. Two that live at once have different indices; serial numbers are used once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Id {
    pub(crate) index: u32,
    pub(crate) serial: u64,
}

impl Id {
    fn tokens_cell(self) -> &'static AtomicI32 {
        &TOKENS[self.index as usize]
    }

    /// How many tokens of this closure are alive.
    pub(crate) fn tokens(self) -> i32 {
        self.tokens_cell().load(Ordering::Relaxed)
    }

    /// For a planted fault: counts a token that is not there, or forgets one.
    pub(crate) fn miscount(self, by: i32) {
        self.tokens_cell().fetch_add(by, Ordering::Relaxed);
    }

    pub(crate) fn at_drop(self, what: AtDrop) {
        let packed = u32::from(what.inside) | u32::from(what.panics) << 8 | u32::from(what.late) << 9;
        AT_DROP[self.index as usize].store(packed, Ordering::Relaxed);
    }
}

/// What a destructor does, beside being counted.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct AtDrop {
    /// How many operations it runs.
    pub(crate) inside: u8,
    /// Whether it panics.
    pub(crate) panics: bool,
    /// Whether it runs when a call ends that has dropped its owner.
    pub(crate) late: bool,
}

/// The payload of a destructor's panic.
pub(crate) struct Bomb;

/// It is counted while it is alive. It is a word on the heap. So memory tools see a use after its end.
struct Token(Box<Named>);

struct Named {
    id: Id,
    /// The complement of the serial number, until it is dropped.
    check: u64,
}

impl Token {
    fn new(id: Id) -> Self {
        id.tokens_cell().fetch_add(1, Ordering::Relaxed);
        Self(Box::new(Named { id, check: !id.serial }))
    }

    fn value(&self) -> u64 {
        if self.0.check != !self.0.id.serial {
            fail!("a closure runs without what it has captured");
        }
        mixed(self.0.id.serial)
    }
}

impl Drop for Token {
    fn drop(&mut self) {
        self.value();
        self.0.check = 0;
        let id = self.0.id;
        if id.tokens_cell().fetch_sub(1, Ordering::Relaxed) <= 0 {
            fail!("token {} was dropped twice", id.index);
        }
        let packed = AT_DROP[id.index as usize].swap(0, Ordering::Relaxed);
        if packed != 0 {
            let [inside, flags, ..] = packed.to_le_bytes();
            actor::run_in_destructor(inside, flags & 2 != 0);
            if flags & 1 != 0 && !std::thread::panicking() {
                std::panic::resume_unwind(Box::new(Bomb));
            }
        }
    }
}

/// What a call can see of what its closure has captured.
pub(crate) trait Whole {
    /// The value that it returns, if it is whole.
    fn value(&self) -> u64;
}

/// What a closure captures.
pub(crate) trait State: Whole + Send + Sync + 'static {
    /// How many tokens.
    const TOKENS: i32 = 0;
    /// How many [`ZeroBytes`].
    const ZERO_BYTES: i64 = 0;

    fn new(id: Id) -> Self;
    /// The value that it returns.
    fn expected(id: Id) -> u64 {
        mixed(id.serial)
    }
}

/// What can be known of a state without its type.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Facts {
    pub(crate) tokens: i32,
    pub(crate) zero_bytes: i64,
    pub(crate) value: u64,
}

impl Facts {
    pub(crate) fn of<S: State>(id: Id) -> Self {
        Self { tokens: S::TOKENS, zero_bytes: S::ZERO_BYTES, value: S::expected(id) }
    }
}

pub(crate) struct Nothing;

impl Whole for Nothing {
    fn value(&self) -> u64 {
        1
    }
}

impl State for Nothing {
    fn new(_: Id) -> Self {
        Self
    }
    fn expected(_: Id) -> u64 {
        1
    }
}

/// It has no bytes, but an alignment.
#[repr(align(64))]
pub(crate) struct AlignedNothing;

impl Whole for AlignedNothing {
    fn value(&self) -> u64 {
        aligned(self, 2)
    }
}

impl State for AlignedNothing {
    fn new(_: Id) -> Self {
        Self
    }
    fn expected(_: Id) -> u64 {
        2
    }
}

/// It has no bytes, but a destructor.
pub(crate) struct ZeroBytes;

/// How many of them are alive.
pub(crate) fn zero_bytes() -> i64 {
    ZERO_BYTES.load(Ordering::Relaxed)
}

impl Whole for ZeroBytes {
    fn value(&self) -> u64 {
        3
    }
}

impl State for ZeroBytes {
    const ZERO_BYTES: i64 = 1;

    fn new(_: Id) -> Self {
        ZERO_BYTES.fetch_add(1, Ordering::Relaxed);
        Self
    }
    fn expected(_: Id) -> u64 {
        3
    }
}

impl Drop for ZeroBytes {
    fn drop(&mut self) {
        ZERO_BYTES.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Two bytes. Together with the count of an `FnMut`, they still fit the slot's word, and have padding there.
pub(crate) struct Small(u16);

impl Whole for Small {
    fn value(&self) -> u64 {
        self.0.into()
    }
}

impl State for Small {
    fn new(id: Id) -> Self {
        Self(u16::try_from(id.serial % 0xfffb).expect("16 bits"))
    }
    fn expected(id: Id) -> u64 {
        id.serial % 0xfffb
    }
}

/// A word without a destructor, which is kept in the slot.
pub(crate) struct Word(u64);

impl Whole for Word {
    fn value(&self) -> u64 {
        self.0
    }
}

impl State for Word {
    fn new(id: Id) -> Self {
        Self(mixed(id.serial))
    }
}

/// A word with a destructor, which is kept on the heap.
pub(crate) struct One(Token);

impl Whole for One {
    fn value(&self) -> u64 {
        self.0.value()
    }
}

impl State for One {
    const TOKENS: i32 = 1;

    fn new(id: Id) -> Self {
        Self(Token::new(id))
    }
}

/// If the destructor of the first one panics, the second one is still dropped.
pub(crate) struct Two(Token, Token);

impl Whole for Two {
    fn value(&self) -> u64 {
        let value = self.0.value();
        if self.1.value() != value {
            fail!("two closures are mixed");
        }
        value
    }
}

impl State for Two {
    const TOKENS: i32 = 2;

    fn new(id: Id) -> Self {
        Self(Token::new(id), Token::new(id))
    }
}

/// A token, and `N` bytes that have to stay what they are.
pub(crate) struct Padded<const N: usize>(Token, [u8; N]);

fn pattern<const N: usize>(id: Id) -> [u8; N] {
    std::array::from_fn(|at| (mixed(id.serial).wrapping_add(at as u64) % 251).to_le_bytes()[0])
}

fn check_pattern<const N: usize>(token: &Token, bytes: &[u8; N]) -> u64 {
    if *bytes != pattern(token.0.id) {
        fail!("the bytes of a closure were overwritten");
    }
    token.value()
}

fn aligned<T>(what: &T, value: u64) -> u64 {
    if std::ptr::from_ref(what).addr() % align_of::<T>() != 0 {
        fail!("a closure's address is no multiple of {}", align_of::<T>());
    }
    value
}

impl<const N: usize> Whole for Padded<N> {
    fn value(&self) -> u64 {
        check_pattern(&self.0, &self.1)
    }
}

impl<const N: usize> State for Padded<N> {
    const TOKENS: i32 = 1;

    fn new(id: Id) -> Self {
        Self(Token::new(id), pattern(id))
    }
}

/// Its alignment is larger than the heap's.
#[repr(align(128))]
pub(crate) struct Aligned(Token, [u8; 5]);

impl Whole for Aligned {
    fn value(&self) -> u64 {
        aligned(self, check_pattern(&self.0, &self.1))
    }
}

impl State for Aligned {
    const TOKENS: i32 = 1;

    fn new(id: Id) -> Self {
        Self(Token::new(id), pattern(id))
    }
}

/// The number of states that [`with_state`] knows.
pub(crate) const STATES: u32 = 10;

/// Puts the state of a number where `$state` is in an expression. Each state of a `few` is kept in another way.
macro_rules! with_state {
    (few $number:expr, $state:ident => $expression:expr) => {
        match $number % 5 {
            0 => with_state!(@ AlignedNothing, $state, $expression),
            1 => with_state!(@ ZeroBytes, $state, $expression),
            2 => with_state!(@ Small, $state, $expression),
            3 => with_state!(@ Two, $state, $expression),
            _ => with_state!(@ Aligned, $state, $expression),
        }
    };
    ($number:expr, $state:ident => $expression:expr) => {
        match $number % $crate::state::STATES {
            0 => with_state!(@ Nothing, $state, $expression),
            1 => with_state!(@ AlignedNothing, $state, $expression),
            2 => with_state!(@ ZeroBytes, $state, $expression),
            3 => with_state!(@ Small, $state, $expression),
            4 => with_state!(@ Word, $state, $expression),
            5 => with_state!(@ One, $state, $expression),
            6 => with_state!(@ Two, $state, $expression),
            7 => with_state!(@ Padded<3>, $state, $expression),
            8 => with_state!(@ Padded<300>, $state, $expression),
            _ => with_state!(@ Aligned, $state, $expression),
        }
    };
    (@ $type:ty, $state:ident, $expression:expr) => {{
        #[allow(clippy::wildcard_imports, reason = "the states")]
        use $crate::state::*;
        type $state = $type;
        $expression
    }};
}
pub(crate) use with_state;
