//! Programs of random signatures. [`c`] and [`rust`] write them in each language.
//!
//! A program begins with one signature for each of 0 to 12 words. So the place of the slot differs from one to the next on
//! every processor, and a test can tell a trampoline the place of its neighbour. Then come the random ones, with every number
//! of parameters and every convention in turn. The last ones have only scalars. They are for callbacks whose types are known
//! only at run time.

pub(crate) mod c;
mod class;
mod random;
pub(crate) mod rust;
mod target;

pub(crate) use class::Class;
use random::Random;
pub(crate) use target::{Callers, Convention, Target, Vector};

/// The number of parameters of the last signature of words.
const MOST_WORDS: u64 = 12;
const MOST_PARAMETERS: u64 = 20;
/// The largest number of parameters of a signature of scalars. No processor has so many registers of both kinds together.
const MOST_SCALARS: u64 = 26;
const AGGREGATES: usize = 120;

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scalar {
    Bool,
    I8,
    I16,
    I32,
    I64,
    U8,
    U16,
    U32,
    U64,
    Pointer,
    F32,
    F64,
    I128,
    U128,
}

const INTEGERS: [Scalar; 10] = [
    Scalar::Bool,
    Scalar::I8,
    Scalar::I16,
    Scalar::I32,
    Scalar::I64,
    Scalar::U8,
    Scalar::U16,
    Scalar::U32,
    Scalar::U64,
    Scalar::Pointer,
];
const FLOATS: [Scalar; 2] = [Scalar::F32, Scalar::F64];
const WIDE: [Scalar; 2] = [Scalar::I128, Scalar::U128];

impl Scalar {
    fn name(self) -> &'static str {
        match self {
            Self::Bool => "bool",
            Self::I8 => "i8",
            Self::I16 => "i16",
            Self::I32 => "i32",
            Self::I64 => "i64",
            Self::U8 => "u8",
            Self::U16 => "u16",
            Self::U32 => "u32",
            Self::U64 => "u64",
            Self::Pointer => "pointer",
            Self::F32 => "f32",
            Self::F64 => "f64",
            Self::I128 => "i128",
            Self::U128 => "u128",
        }
    }
}

#[derive(Clone)]
pub(crate) enum Type {
    Scalar(Scalar),
    Vector(&'static Vector),
    /// Only an element of an aggregate.
    Array(Box<Type>, u64),
    /// An aggregate, by its index.
    Aggregate(usize),
}

impl Type {
    /// The name in both languages, except for arrays, which are types only in Rust.
    fn name(&self) -> String {
        match self {
            Self::Scalar(scalar) => scalar.name().into(),
            Self::Vector(vector) => vector.name.into(),
            Self::Array(element, count) => format!("[{}; {count}]", element.name()),
            Self::Aggregate(index) => format!("S{index}"),
        }
    }
}

pub(crate) enum Shape {
    Struct,
    Packed,
    Aligned(u64),
    /// The field that values are written and read through.
    Union(usize),
}

pub(crate) struct Aggregate {
    pub(crate) shape: Shape,
    pub(crate) fields: Vec<Type>,
    /// The largest number.
    bytes: u64,
}

pub(crate) struct Signature {
    pub(crate) convention: &'static Convention,
    pub(crate) parameters: Vec<Type>,
    pub(crate) result: Option<Type>,
    /// The compilers whose code does not call it.
    pub(crate) but: Vec<Callers>,
}

pub(crate) struct Program {
    pub(crate) seed: u64,
    pub(crate) aggregates: Vec<Aggregate>,
    pub(crate) signatures: Vec<Signature>,
    /// How many signatures at the end are only for dynamic callbacks.
    pub(crate) dynamic: usize,
    pub(crate) vectors: &'static [Vector],
}

impl Program {
    pub(crate) fn random(seed: u64, count: u64, dynamic: u64, target: &Target) -> Self {
        let word = Type::Scalar(Scalar::Pointer);
        let words = |count| Signature {
            convention: &target.conventions[0],
            parameters: (0..count).map(|_| word.clone()).collect(),
            result: Some(word.clone()),
            but: Vec::new(),
        };
        let mut maker = Maker { random: Random(seed), target, aggregates: Vec::new() };
        for class in (0..10).cycle().take(AGGREGATES) {
            let aggregate = maker.aggregate(class);
            maker.aggregates.push(aggregate);
        }
        let mut signatures: Vec<_> = (0..=MOST_WORDS).map(words).collect();
        signatures.extend((0..count).map(|index| maker.signature(index)));
        signatures.extend((0..dynamic).map(|index| maker.signature_of_scalars(index)));
        Self { seed, aggregates: maker.aggregates, signatures, dynamic: dynamic as usize, vectors: target.vectors }
    }
}

struct Maker<'a> {
    random: Random,
    target: &'a Target,
    aggregates: Vec<Aggregate>,
}

impl Maker<'_> {
    fn signature(&mut self, index: u64) -> Signature {
        let conventions = self.target.conventions;
        // Every other signature has the first convention, which is C's.
        let convention = if index % 2 == 0 { 0 } else { index as usize / 2 % conventions.len() };
        let convention = &conventions[convention];
        // Some have much of one kind, so that its registers are used up.
        let (integers, floats, aggregates) = match self.random.below(4) {
            0 => (80, 10, 5),
            1 => (10, 80, 5),
            2 => (10, 10, 70),
            _ => (35, 20, 35),
        };
        let mut parameters = vec![Type::Scalar(Scalar::Pointer); convention.register_words];
        parameters.extend(
            (0..index % (MOST_PARAMETERS + 1)).map(|_| self.parameter(convention, integers, floats, aggregates)),
        );
        let result = (self.random.below(8) != 0).then(|| self.parameter(convention, 30, 15, 45));
        let mut but = vec![Callers::Gcc, Callers::OldClang];
        but.retain(|from| parameters.iter().chain(&result).any(|of| self.is_left_out(of, convention, *from)));
        Signature { convention, parameters, result, but }
    }

    fn signature_of_scalars(&mut self, index: u64) -> Signature {
        // Some have much of one kind, so that its registers are used up.
        let integers = *self.random.choose(&[10, 50, 90]);
        let mut scalar = || {
            let from = if self.random.below(100) < integers { &INTEGERS[..] } else { &FLOATS };
            Type::Scalar(*self.random.choose(from))
        };
        let parameters = (0..index % (MOST_SCALARS + 1)).map(|_| scalar()).collect();
        let result = scalar();
        let result = (self.random.below(8) != 0).then_some(result);
        Signature { convention: &self.target.conventions[0], parameters, result, but: Vec::new() }
    }

    fn is_left_out(&self, of: &Type, convention: &Convention, from: Callers) -> bool {
        let left_out = self.target.left_out.iter().chain(convention.left_out);
        left_out.filter(|(callers, _)| *callers == from).any(|(_, class)| class.has(&self.aggregates, of))
    }

    /// The chances are in per cent. The rest goes to vectors and integers of 128 bits.
    fn parameter(&mut self, convention: &Convention, integers: u64, floats: u64, aggregates: u64) -> Type {
        loop {
            let chance = self.random.below(100);
            let drawn = if chance < integers {
                Type::Scalar(*self.random.choose(&INTEGERS))
            } else if chance < integers + floats {
                Type::Scalar(*self.random.choose(&FLOATS))
            } else if chance < integers + floats + aggregates {
                Type::Aggregate(self.random.below(self.aggregates.len() as u64) as usize)
            } else {
                self.vector_or_wide()
            };
            if !self.is_left_out(&drawn, convention, Callers::All) {
                return drawn;
            }
        }
    }

    fn vector_or_wide(&mut self) -> Type {
        let vectors = self.target.vectors;
        if !vectors.is_empty() && (!self.target.wide || self.random.below(2) == 0) {
            Type::Vector(self.random.choose(vectors))
        } else if self.target.wide {
            Type::Scalar(*self.random.choose(&WIDE))
        } else {
            Type::Scalar(Scalar::F64)
        }
    }

    fn aggregate(&mut self, class: u64) -> Aggregate {
        let fields = |maker: &mut Self, most, field: fn(&mut Self) -> Type| {
            (0..=maker.random.below(most)).map(|_| field(maker)).collect::<Vec<_>>()
        };
        let (shape, fields) = match class {
            // Has every size up to 64 bytes, and a few large ones.
            0 => {
                let count = if self.random.below(8) == 0 { self.random.below(9000) } else { self.random.below(64) };
                (Shape::Struct, vec![array(Type::Scalar(Scalar::U8), 1 + count)])
            }
            1 => (Shape::Struct, fields(self, 4, Self::integer)),
            // Homogeneous floats, as fields and as an array.
            2 => {
                let float = *self.random.choose(&FLOATS);
                (Shape::Struct, vec![Type::Scalar(float); 1 + self.random.below(5) as usize])
            }
            3 => {
                let float = *self.random.choose(&FLOATS);
                (Shape::Struct, vec![array(Type::Scalar(float), 1 + self.random.below(9))])
            }
            4 => (Shape::Struct, fields(self, 3, Self::scalar)),
            5 => (Shape::Struct, fields(self, 3, Self::nested)),
            6 => (Shape::Packed, fields(self, 4, Self::scalar)),
            7 => (Shape::Aligned(*self.random.choose(&[16, 32, 64])), fields(self, 3, Self::scalar)),
            8 => {
                let fields = fields(self, 3, Self::element);
                (Shape::Union(self.random.below(fields.len() as u64) as usize), fields)
            }
            _ => {
                let mut fields = fields(self, 2, Self::scalar);
                fields.insert(self.random.below(fields.len() as u64 + 1) as usize, self.vector_or_wide());
                (Shape::Struct, fields)
            }
        };
        let bytes = fields.iter().map(|field| self.bytes(field).next_multiple_of(16)).sum();
        Aggregate { shape, fields, bytes }
    }

    fn integer(&mut self) -> Type {
        Type::Scalar(*self.random.choose(&INTEGERS))
    }

    fn scalar(&mut self) -> Type {
        if self.random.below(2) == 0 { self.integer() } else { Type::Scalar(*self.random.choose(&FLOATS)) }
    }

    /// A scalar or a few of them.
    fn element(&mut self) -> Type {
        let scalar = self.scalar();
        if self.random.below(2) == 0 { scalar } else { array(scalar, 1 + self.random.below(4)) }
    }

    /// A scalar, an aggregate, or a few of one of them.
    fn nested(&mut self) -> Type {
        let inner = match self.aggregates.len() as u64 {
            0 => self.scalar(),
            _ if self.random.below(3) == 0 => self.scalar(),
            known => match self.random.below(known) as usize {
                small if self.aggregates[small].bytes <= 128 => Type::Aggregate(small),
                _ => self.scalar(),
            },
        };
        if self.random.below(3) == 0 { array(inner, 1 + self.random.below(3)) } else { inner }
    }

    fn bytes(&self, of: &Type) -> u64 {
        match of {
            Type::Scalar(Scalar::U8) => 1,
            Type::Scalar(_) | Type::Vector(_) => 16,
            Type::Array(element, count) => self.bytes(element) * count,
            Type::Aggregate(index) => self.aggregates[*index].bytes.next_multiple_of(64),
        }
    }
}

fn array(element: Type, count: u64) -> Type {
    Type::Array(Box::new(element), count)
}
