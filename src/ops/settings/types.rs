//! The types that a setting can have.

use std::num::NonZeroI64;

use super::domain::{Bound, Domain, Length};
use crate::ops::value::Value;
use crate::tensor::Tensor;

/// A type that a setting can have.
pub trait SettingType: PartialEq + Sized {
    /// What values it is made from, where the setting does not say so itself.
    const DOMAIN: Domain;

    /// Returns what the value stands for; nothing where it is not in the domain.
    fn from_value(value: Value) -> Option<Self>;

    /// Returns the value, unless it says that there is none.
    fn to_value(&self) -> Option<Value>;
}

impl SettingType for bool {
    const DOMAIN: Domain = Domain::Flag;

    fn from_value(value: Value) -> Option<Self> {
        match value {
            Value::Flag(flag) => Some(flag),
            _ => None,
        }
    }

    fn to_value(&self) -> Option<Value> {
        Some(Value::Flag(*self))
    }
}

impl SettingType for f64 {
    const DOMAIN: Domain = Domain::Number;

    fn from_value(value: Value) -> Option<Self> {
        value.as_number()
    }

    fn to_value(&self) -> Option<Value> {
        Some((*self).into())
    }
}

impl SettingType for i64 {
    const DOMAIN: Domain = Domain::Whole(Bound::Any);

    fn from_value(value: Value) -> Option<Self> {
        whole(&value)
    }

    fn to_value(&self) -> Option<Value> {
        Some((*self).into())
    }
}

impl SettingType for usize {
    const DOMAIN: Domain = Domain::Whole(Bound::AtLeast(0));

    fn from_value(value: Value) -> Option<Self> {
        whole(&value)
    }

    fn to_value(&self) -> Option<Value> {
        Some((*self).into())
    }
}

impl SettingType for NonZeroI64 {
    const DOMAIN: Domain = Domain::Whole(Bound::NotZero);

    fn from_value(value: Value) -> Option<Self> {
        Self::new(whole(&value)?)
    }

    fn to_value(&self) -> Option<Value> {
        Some(self.get().into())
    }
}

impl SettingType for Tensor {
    const DOMAIN: Domain = Domain::Tensor;

    fn from_value(value: Value) -> Option<Self> {
        match value {
            Value::Tensor(tensor) => Some(tensor),
            _ => None,
        }
    }

    fn to_value(&self) -> Option<Value> {
        Some(Value::Tensor(self.clone()))
    }
}

impl<T: SettingType> SettingType for Option<T> {
    const DOMAIN: Domain = T::DOMAIN;

    fn from_value(value: Value) -> Option<Self> {
        T::from_value(value).map(Some)
    }

    fn to_value(&self) -> Option<Value> {
        self.as_ref()?.to_value()
    }
}

/// A size for each axis; one number alone is that of all of them.
impl<const AXES: usize> SettingType for [usize; AXES] {
    const DOMAIN: Domain = Domain::counts(0, AXES);

    fn from_value(value: Value) -> Option<Self> {
        match value {
            Value::List(_) => wholes(value)?.try_into().ok(),
            alone => Some([whole(&alone)?; AXES]),
        }
    }

    fn to_value(&self) -> Option<Value> {
        Some(match self.as_slice() {
            [first, rest @ ..] if rest.iter().all(|size| size == first) => (*first).into(),
            sizes => Value::List(sizes.iter().map(|&size| size.into()).collect()),
        })
    }
}

/// How many places come before an axis, and how many after it.
pub type Sides = (usize, usize);

/// The places at the sides of each axis.
impl<const AXES: usize> SettingType for [Sides; AXES] {
    const DOMAIN: Domain = Domain::Sides(AXES);

    fn from_value(value: Value) -> Option<Self> {
        let sides = |value: &Value| match value {
            Value::List(pair) => match pair.as_slice() {
                [before, after] => Some((whole(before)?, whole(after)?)),
                _ => None,
            },
            alone => whole(alone).map(|places| (places, places)),
        };
        match &value {
            Value::List(values) => {
                let all: Option<Vec<Sides>> = values.iter().map(sides).collect();
                all?.try_into().ok()
            }
            alone => Some([sides(alone)?; AXES]),
        }
    }

    fn to_value(&self) -> Option<Value> {
        if self.iter().all(|(before, after)| before == after) {
            return self.map(|(places, _)| places).to_value();
        }
        let pair = |&(before, after): &Sides| Value::from(vec![before, after]);
        Some(Value::List(self.iter().map(pair).collect()))
    }
}

/// One number or several.
impl SettingType for Vec<i64> {
    const DOMAIN: Domain = Domain::WholeOrList(Bound::Any, Length::Any);

    fn from_value(value: Value) -> Option<Self> {
        wholes(value)
    }

    fn to_value(&self) -> Option<Value> {
        Some(Value::List(self.iter().map(|&one| one.into()).collect()))
    }
}

/// One size or several.
impl SettingType for Vec<usize> {
    const DOMAIN: Domain = Domain::WholeOrList(Bound::AtLeast(0), Length::Any);

    fn from_value(value: Value) -> Option<Self> {
        wholes(value)
    }

    fn to_value(&self) -> Option<Value> {
        Some(Value::List(self.iter().map(|&one| one.into()).collect()))
    }
}

/// Sizes, of which nothing, written -1, is to be worked out.
impl SettingType for Vec<Option<usize>> {
    const DOMAIN: Domain = Domain::List(Bound::SizeOrRest, Length::Any);

    fn from_value(value: Value) -> Option<Self> {
        let sizes = wholes::<i128>(value)?.into_iter();
        let size = |size| match size {
            -1 => Some(None),
            size => usize::try_from(size).ok().map(Some),
        };
        sizes.map(size).collect()
    }

    fn to_value(&self) -> Option<Value> {
        let size = |size: &Option<usize>| size.map_or(Value::Whole(-1), Value::from);
        Some(Value::List(self.iter().map(size).collect()))
    }
}

fn whole<T: TryFrom<i128>>(value: &Value) -> Option<T> {
    match *value {
        Value::Whole(number) => T::try_from(number).ok(),
        _ => None,
    }
}

/// The numbers of a list, or the one alone.
fn wholes<T: TryFrom<i128>>(value: Value) -> Option<Vec<T>> {
    match value {
        Value::List(values) => values.iter().map(whole).collect(),
        alone => Some(vec![whole(&alone)?]),
    }
}

/// Declares how the variants of an enum are named in a file.
macro_rules! named {
    ($type:ty { $($name:literal => $variant:path),+ $(,)? }) => {
        impl $type {
            /// Its name in a file.
            pub fn name(&self) -> &'static str {
                match self {
                    $($variant => $name,)+
                }
            }
        }

        impl $crate::ops::SettingType for $type {
            const DOMAIN: $crate::ops::Domain = $crate::ops::Domain::Name(&[$($name),+]);

            fn from_value(value: $crate::ops::Value) -> Option<Self> {
                match value {
                    $($crate::ops::Value::Name(name) if name == $name => Some($variant),)+
                    _ => None,
                }
            }

            fn to_value(&self) -> Option<$crate::ops::Value> {
                Some($crate::ops::Value::Name(self.name().to_owned()))
            }
        }
    };
}
pub(in crate::ops) use named;
