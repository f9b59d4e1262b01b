//! Ids of photos, events, versions and copies, each a type of its own.

/// Declares an id with a fixed number of Crockford base32 symbols, as a type of its own.
macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $symbols:expr) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Serialize, serde::Deserialize)]
        #[serde(try_from = "String", into = "String")]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(value_type = String))]
        pub struct $name(String);

        impl $name {
            /// The length of the id in symbols.
            pub const SYMBOLS: usize = $symbols;
            /// The number of random or MAC bytes that an id is made of.
            pub const BYTES: usize = (Self::SYMBOLS * 5).div_ceil(8);

            /// The id made of the first bits of `bytes`.
            #[must_use]
            pub fn from_bytes(bytes: &[u8; Self::BYTES]) -> Self {
                Self($crate::crockford::encode(bytes, Self::SYMBOLS))
            }

            /// Reads an id as a person or a program may write it; `None` when it cannot be one.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                $crate::crockford::canonical(text, Self::SYMBOLS).map(Self)
            }

            /// The id in canonical form.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = $crate::ids::NotAnId;
            fn try_from(text: String) -> Result<Self, Self::Error> {
                Self::parse(&text).ok_or($crate::ids::NotAnId)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

/// The text is not an id of this type.
#[derive(Debug, thiserror::Error)]
#[error("not an id")]
pub struct NotAnId;

id!(
    /// The id of a photo. 80 bits, random or from the intake key.
    PhotoId, 16
);
id!(
    /// The id of an event, by which a message that comes twice is recognised. 130 bits.
    EventId, 26
);
id!(
    /// The code in the copy of a photo that was made for one viewer. 40 random bits: short enough to be read off a picture, and
    /// to be looked up in the access log.
    ViewCode, 8
);
id!(
    /// The nonce that an officer's page is given for one picture. 130 random bits: nobody guesses one.
    CameraNonce, 26
);
id!(
    /// The version of a snapshot, drawn anew for each change and without order. 96 random bits need 20 symbols.
    Version, 20
);
