//! What can be wrong with bytes that came from outside.

use std::fmt;

/// Why bytes could not be read as what they should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WireError {
    /// The bytes end in the middle of a value.
    Truncated,
    /// Bytes are left after the value.
    TrailingBytes,
    /// A varint is longer than 64 bits, or longer than it need be.
    Varint,
    /// A length or count is larger than what is left, or than a limit.
    TooLong,
    /// A string is not UTF-8.
    NotUtf8,
    /// A discriminant or boolean has no meaning; the name says where.
    BadTag(&'static str),
    /// A value is well-formed but not allowed; the name says which.
    BadValue(&'static str),
    /// A frame does not begin with the magic number.
    BadMagic,
    /// A frame of another version of the format.
    BadVersion(u8),
    /// A frame's checksum does not match its content.
    BadChecksum,
}

impl fmt::Display for WireError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Truncated => f.write_str("the bytes end too early"),
            Self::TrailingBytes => f.write_str("there are bytes left over"),
            Self::Varint => f.write_str("a length is not written as it should be"),
            Self::TooLong => f.write_str("a length is beyond its limit"),
            Self::NotUtf8 => f.write_str("a string is not UTF-8"),
            Self::BadTag(of) => write!(f, "unknown kind of {of}"),
            Self::BadValue(of) => write!(f, "impossible value of {of}"),
            Self::BadMagic => f.write_str("the bytes are not a CMSL message"),
            Self::BadVersion(version) => write!(
                f,
                "message format version {version}, this program speaks {}",
                super::VERSION
            ),
            Self::BadChecksum => f.write_str("the checksum of a message is wrong"),
        }
    }
}

impl std::error::Error for WireError {}
