//! How settings are declared.

/// Declares the settings of an op: for each its type and its default, what it is for in a line of
/// doc, and after `=>` what values it takes, where its type does not say so. Those that have no
/// default stand first, as `required`.
macro_rules! settings {
    (
        #[doc = $about:literal]
        $(#[$meta:meta])*
        pub struct $name:ident;
    ) => {
        #[doc = $about]
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
        pub struct $name;

        impl $name {
            /// What the op computes, in a line.
            pub(in crate::ops) const ABOUT: &'static str = $about.trim_ascii();
        }

        impl $crate::ops::Settings for $name {
            fn descriptor(&self) -> &'static $crate::ops::Descriptor {
                <Self as $crate::ops::Described>::DESCRIPTOR
            }

            fn given(&self) -> Vec<(&'static str, $crate::ops::Value)> {
                Vec::new()
            }

            fn all() -> Vec<$crate::ops::Setting> {
                Vec::new()
            }

            fn read(_: &mut $crate::ops::settings::Reader) -> Option<Self> {
                Some(Self)
            }
        }
    };
    (
        #[doc = $about:literal]
        $(#[$meta:meta])*
        pub struct $name:ident $(<const $param:ident: $param_type:ty>)? {
            required {
                $(#[doc = $required_doc:literal]
                $required:ident: $required_type:ty $(=> $required_domain:expr)?,)+
            }
            $(#[doc = $doc:literal] $key:ident: $type:ty = $default:expr $(=> $domain:expr)?,)*
        }
    ) => {
        #[doc = $about]
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq)]
        pub struct $name $(<const $param: $param_type>)? {
            $(#[doc = $required_doc] pub $required: $required_type,)+
            $(#[doc = $doc] pub $key: $type,)*
        }

        impl $(<const $param: $param_type>)? $name $(<$param>)? {
            /// The settings with what has no default; the others have theirs.
            pub fn new($($required: $required_type),+) -> Self {
                Self { $($required,)+ $($key: $default,)* }
            }
        }

        $crate::ops::settings::settings! { @settings
            $name $(<const $param: $param_type>)?, $about,
            { $($required_doc, $required: $required_type $(=> $required_domain)?;)+ }
            { $($doc, $key: $type = $default $(=> $domain)?;)* }
        }
    };
    (
        #[doc = $about:literal]
        $(#[$meta:meta])*
        pub struct $name:ident $(<const $param:ident: $param_type:ty>)? {
            $(#[doc = $doc:literal] $key:ident: $type:ty = $default:expr $(=> $domain:expr)?,)*
        }
    ) => {
        #[doc = $about]
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq)]
        pub struct $name $(<const $param: $param_type>)? {
            $(#[doc = $doc] pub $key: $type,)*
        }

        impl $(<const $param: $param_type>)? ::std::default::Default for $name $(<$param>)? {
            fn default() -> Self {
                Self { $($key: $default,)* }
            }
        }

        $crate::ops::settings::settings! { @settings
            $name $(<const $param: $param_type>)?, $about,
            {} { $($doc, $key: $type = $default $(=> $domain)?;)* }
        }
    };
    (@settings $name:ident $(<const $param:ident: $param_type:ty>)?, $about:literal,
        { $($required_doc:literal,
            $required:ident: $required_type:ty $(=> $required_domain:expr)?;)* }
        { $($doc:literal, $key:ident: $type:ty = $default:expr $(=> $domain:expr)?;)* }
    ) => {
        impl $(<const $param: $param_type>)? $name $(<$param>)? {
            /// What the op computes, in a line.
            pub(in crate::ops) const ABOUT: &'static str = $about.trim_ascii();
        }

        impl $(<const $param: $param_type>)? $crate::ops::Settings for $name $(<$param>)? {
            fn descriptor(&self) -> &'static $crate::ops::Descriptor {
                <Self as $crate::ops::Described>::DESCRIPTOR
            }

            fn given(&self) -> Vec<(&'static str, $crate::ops::Value)> {
                let mut given = Vec::new();
                $(given.extend(
                    $crate::ops::SettingType::to_value(&self.$required)
                        .map(|value| (stringify!($required), value)),
                );)*
                $({
                    let default: $type = $default;
                    let value = (self.$key != default)
                        .then(|| $crate::ops::SettingType::to_value(&self.$key))
                        .flatten();
                    given.extend(value.map(|value| (stringify!($key), value)));
                })*
                given
            }

            fn all() -> Vec<$crate::ops::Setting> {
                vec![
                    $($crate::ops::Setting {
                        key: stringify!($required),
                        doc: $required_doc.trim_ascii(),
                        domain: $crate::ops::settings::settings!(
                            @domain $required_type $(=> $required_domain)?
                        ),
                        default: $crate::ops::DefaultValue::Required,
                    },)*
                    $($crate::ops::Setting {
                        key: stringify!($key),
                        doc: $doc.trim_ascii(),
                        domain: $crate::ops::settings::settings!(@domain $type $(=> $domain)?),
                        default: <$type as $crate::ops::SettingType>::to_value(&$default)
                            .map_or($crate::ops::DefaultValue::Nothing,
                                $crate::ops::DefaultValue::Value),
                    },)*
                ]
            }

            fn read(reader: &mut $crate::ops::settings::Reader) -> Option<Self> {
                $(let $required = reader.required::<$required_type>(
                    stringify!($required),
                    $crate::ops::settings::settings!(
                        @domain $required_type $(=> $required_domain)?
                    ),
                );)*
                $(let $key = reader.optional::<$type>(
                    stringify!($key),
                    $crate::ops::settings::settings!(@domain $type $(=> $domain)?),
                    $default,
                );)*
                Some(Self { $($required: $required?,)* $($key,)* })
            }
        }
    };
    (@domain $type:ty) => { <$type as $crate::ops::SettingType>::DOMAIN };
    (@domain $type:ty => $domain:expr) => { $domain };
}
pub(in crate::ops) use settings;
