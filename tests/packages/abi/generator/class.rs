//! Classes of types that are left out of some signatures.

use super::{Aggregate, FLOATS, Scalar, Shape, Type, WIDE};

#[derive(Clone, Copy)]
pub(crate) enum Class {
    /// Structs and unions.
    Aggregate,
    /// Vectors, by themselves and in a struct.
    Vector,
    /// Vectors in a struct.
    VectorWithin,
    /// Integers of 128 bits, by themselves and in a struct.
    Wide,
    /// Structs with an attribute for their alignment.
    Aligned,
    /// Structs that are aligned to more bytes than these, or have fields that are.
    AlignedAbove(u64),
    /// A struct of a float and a pointer.
    FloatBesidePointer,
    /// A struct of one float that is in a union or an array.
    FloatWithin,
}

impl Class {
    pub(crate) fn has(self, aggregates: &[Aggregate], of: &Type) -> bool {
        let aggregate = match of {
            Type::Aggregate(index) => Some(&aggregates[*index]),
            _ => None,
        };
        match (self, aggregate) {
            (Self::Vector, _) | (Self::VectorWithin, Some(_)) => {
                leaves(aggregates, of).iter().any(|leaf| matches!(leaf, Type::Vector(_)))
            }
            (Self::Wide, _) => {
                leaves(aggregates, of).iter().any(|leaf| matches!(leaf, Type::Scalar(scalar) if WIDE.contains(scalar)))
            }
            (Self::Aggregate, Some(_)) => true,
            (Self::Aligned, Some(aggregate)) => matches!(aggregate.shape, Shape::Aligned(_)),
            (Self::AlignedAbove(most), Some(aggregate)) => {
                matches!(aggregate.shape, Shape::Aligned(bytes) if bytes > most)
                    || aggregate.fields.iter().any(|field| self.has(aggregates, element(field)))
            }
            (Self::FloatBesidePointer, Some(_)) => {
                matches!(leaves(aggregates, of)[..], [one, other] if is_float(one) && is_pointer(other)
                    || is_pointer(one) && is_float(other))
            }
            (Self::FloatWithin, Some(_)) => {
                matches!(leaves(aggregates, of)[..], [only] if is_float(only)) && !is_plain(aggregates, of)
            }
            (_, None) => false,
        }
    }
}

fn is_float(of: &Type) -> bool {
    matches!(of, Type::Scalar(scalar) if FLOATS.contains(scalar))
}

fn is_pointer(of: &Type) -> bool {
    matches!(of, Type::Scalar(Scalar::Pointer))
}

fn element(of: &Type) -> &Type {
    match of {
        Type::Array(of, _) => element(of),
        of => of,
    }
}

/// The scalars and vectors that a type is made of.
fn leaves<'a>(aggregates: &'a [Aggregate], of: &'a Type) -> Vec<&'a Type> {
    match of {
        Type::Scalar(_) | Type::Vector(_) => vec![of],
        Type::Array(of, count) => leaves(aggregates, of).repeat(*count as usize),
        Type::Aggregate(index) => {
            aggregates[*index].fields.iter().flat_map(|field| leaves(aggregates, field)).collect()
        }
    }
}

/// Whether it contains no union and no array.
fn is_plain(aggregates: &[Aggregate], of: &Type) -> bool {
    match of {
        Type::Scalar(_) | Type::Vector(_) => true,
        Type::Array(..) => false,
        Type::Aggregate(index) => {
            let Aggregate { shape, fields, .. } = &aggregates[*index];
            !matches!(shape, Shape::Union(_)) && fields.iter().all(|field| is_plain(aggregates, field))
        }
    }
}
