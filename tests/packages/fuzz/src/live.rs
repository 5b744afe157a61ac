//! What the model knows of a closure that is alive.

use std::cell::{Cell, RefCell};

use crate::signature::{Callable, How, Owned, Owner, Panics};
use crate::state::{Facts, Id};

/// What may be done with it.
#[derive(Debug, Clone, Copy)]
#[allow(clippy::struct_excessive_bools, reason = "each is a rule")]
pub(crate) struct Rules {
    pub(crate) panics: Panics,
    pub(crate) slots: u32,
    pub(crate) exclusive: bool,
    pub(crate) once: bool,
    pub(crate) lent: bool,
    pub(crate) local: bool,
    pub(crate) counted: bool,
    /// Its owner may be dropped while it runs.
    pub(crate) ends_inside: bool,
    /// A function for C drops it, and nothing unwinds out of that function.
    pub(crate) by_c: bool,
}

impl Rules {
    pub(crate) fn of(how: How, panics: Panics, slots: u32) -> Self {
        Self {
            panics,
            slots,
            exclusive: how.is_exclusive(),
            once: how.is_once(),
            lent: how.is_lent(),
            local: how.is_local(),
            counted: how.is_counted(),
            ends_inside: how.may_end_inside(),
            by_c: false,
        }
    }

    pub(crate) fn of_table(local: bool) -> Self {
        let how = if local { How::Local } else { How::New };
        Self { ends_inside: true, ..Self::of(how, Panics::Unwind, 2) }
    }
}

/// What does not change, and can go to another thread.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Parts {
    pub(crate) id: Id,
    pub(crate) facts: Facts,
    pub(crate) rules: Rules,
    pub(crate) callable: Callable,
    /// A second function, for which `&mut self` is needed.
    pub(crate) change: Option<Callable>,
    /// Whether it is direct, if that can be known.
    pub(crate) direct: Option<bool>,
}

pub(crate) struct Live {
    pub(crate) parts: Parts,
    /// There is none if it was leaked, if it was dropped while the closure runs, or if this kind has no owner.
    pub(crate) owner: RefCell<Option<Owner>>,
    /// How many calls run.
    pub(crate) running: Cell<u32>,
    /// Whether one of them has `&mut self`.
    pub(crate) changing: Cell<bool>,
    /// How often it was called, if it counts that.
    pub(crate) calls: Cell<u32>,
    /// Its owner was dropped.
    pub(crate) ended: Cell<bool>,
    /// Its slot is counted as free since then, if it has one.
    pub(crate) looks_free: Cell<bool>,
    /// Its destructor panics.
    pub(crate) bomb: Cell<bool>,
    /// It was called, and can be called only once.
    pub(crate) spent: Cell<bool>,
    /// The payload of the panic that its scope resumes.
    pub(crate) pending: Cell<Option<u64>>,
}

impl Live {
    pub(crate) fn new(parts: Parts, owner: Option<Owner>) -> Self {
        Self {
            parts,
            owner: RefCell::new(owner),
            running: Cell::default(),
            changing: Cell::default(),
            calls: Cell::default(),
            ended: Cell::default(),
            looks_free: Cell::default(),
            bomb: Cell::default(),
            spent: Cell::default(),
            pending: Cell::default(),
        }
    }

    pub(crate) fn may_be_called(&self, exclusive: bool) -> bool {
        let is_over = self.ended.get() || self.spent.get();
        let excludes = self.changing.get() || (exclusive && self.running.get() > 0);
        !is_over && !excludes
    }

    /// What another thread needs of it, if it may have it.
    pub(crate) fn to_parcel(&self) -> Option<Parcel> {
        match self.owner.take() {
            Some(Owner::Any(owner)) => Some(Parcel { parts: self.parts, owner, calls: self.calls.get() }),
            other => {
                self.owner.replace(other);
                None
            }
        }
    }
}

/// A closure on its way to another thread.
pub(crate) struct Parcel {
    parts: Parts,
    owner: Box<dyn Owned + Send>,
    calls: u32,
}

impl Parcel {
    pub(crate) fn open(self) -> Live {
        let live = Live::new(self.parts, Some(Owner::Any(self.owner)));
        live.calls.set(self.calls);
        live
    }
}
