//! Checked arithmetic of the integer types: nothing wraps, nothing is undefined.
//!
//! Each function raises `arithmetic_error` where the result does not fit.

use crate::object::{Outcome, Raised};
use std::fmt::Display;

/// An integer type of the language.
pub trait Integer: Copy + Display + Sized {
    /// `self + other`, if it fits.
    fn checked_add(self, other: Self) -> Option<Self>;
    /// `self - other`, if it fits.
    fn checked_sub(self, other: Self) -> Option<Self>;
    /// `self * other`, if it fits.
    fn checked_mul(self, other: Self) -> Option<Self>;
    /// `self / other`, truncated, if there is one and it fits.
    fn checked_div(self, other: Self) -> Option<Self>;
    /// `self % other`, with the sign of `self`, if there is one.
    fn checked_rem(self, other: Self) -> Option<Self>;
    /// `-self`, if it fits.
    fn checked_neg(self) -> Option<Self>;
    /// `|self|`, if it fits.
    fn checked_abs(self) -> Option<Self>;
    /// `self << bits`, dropping what is shifted out, if `bits` is less than the width.
    fn checked_shl(self, bits: u32) -> Option<Self>;
    /// `self >> bits`, keeping the sign, if `bits` is less than the width.
    fn checked_shr(self, bits: u32) -> Option<Self>;
    /// The value, wide enough for all types.
    fn wide(self) -> i128;
}

macro_rules! integers {
    ($($ty:ty, $abs:expr;)*) => {$(
        impl Integer for $ty {
            fn checked_add(self, other: Self) -> Option<Self> {
                self.checked_add(other)
            }
            fn checked_sub(self, other: Self) -> Option<Self> {
                self.checked_sub(other)
            }
            fn checked_mul(self, other: Self) -> Option<Self> {
                self.checked_mul(other)
            }
            fn checked_div(self, other: Self) -> Option<Self> {
                self.checked_div(other)
            }
            fn checked_rem(self, other: Self) -> Option<Self> {
                self.checked_rem(other)
            }
            fn checked_neg(self) -> Option<Self> {
                self.checked_neg()
            }
            fn checked_abs(self) -> Option<Self> {
                $abs(self)
            }
            fn checked_shl(self, bits: u32) -> Option<Self> {
                self.checked_shl(bits)
            }
            fn checked_shr(self, bits: u32) -> Option<Self> {
                self.checked_shr(bits)
            }
            fn wide(self) -> i128 {
                i128::from(self)
            }
        }
    )*};
}

integers! {
    i16, i16::checked_abs;
    i32, i32::checked_abs;
    i64, i64::checked_abs;
    u8, Some;
    u16, Some;
    u32, Some;
    u64, Some;
}

#[track_caller]
fn fit<T: Integer>(result: Option<T>, what: impl FnOnce() -> String) -> Outcome<T> {
    match result {
        Some(value) => Ok(value),
        None => Err(Raised::arithmetic(what())),
    }
}

/// `a + b`
///
/// # Errors
/// `arithmetic_error` if it does not fit.
#[track_caller]
pub fn add<T: Integer>(a: T, b: T) -> Outcome<T> {
    fit(a.checked_add(b), || format!("{a} + {b} overflows"))
}

/// `a - b`
///
/// # Errors
/// `arithmetic_error` if it does not fit.
#[track_caller]
pub fn sub<T: Integer>(a: T, b: T) -> Outcome<T> {
    fit(a.checked_sub(b), || format!("{a} - {b} overflows"))
}

/// `a * b`
///
/// # Errors
/// `arithmetic_error` if it does not fit.
#[track_caller]
pub fn mul<T: Integer>(a: T, b: T) -> Outcome<T> {
    fit(a.checked_mul(b), || format!("{a} * {b} overflows"))
}

fn division_failure<T: Integer>(a: T, b: T, sign: &str) -> String {
    if b.wide() == 0 {
        format!("{a} {sign} 0: division by zero")
    } else {
        format!("{a} {sign} {b} overflows")
    }
}

/// `a / b`, truncated
///
/// # Errors
/// `arithmetic_error` if `b` is zero or the quotient does not fit.
#[track_caller]
pub fn div<T: Integer>(a: T, b: T) -> Outcome<T> {
    fit(a.checked_div(b), || division_failure(a, b, "/"))
}

/// `a % b`, with the sign of `a`
///
/// # Errors
/// `arithmetic_error` if `b` is zero.
#[track_caller]
pub fn rem<T: Integer>(a: T, b: T) -> Outcome<T> {
    fit(a.checked_rem(b), || division_failure(a, b, "%"))
}

/// `-a`
///
/// # Errors
/// `arithmetic_error` if it does not fit.
#[track_caller]
pub fn neg<T: Integer>(a: T) -> Outcome<T> {
    fit(a.checked_neg(), || format!("-({a}) overflows"))
}

/// `|a|`
///
/// # Errors
/// `arithmetic_error` if it does not fit.
#[track_caller]
pub fn abs<T: Integer>(a: T) -> Outcome<T> {
    fit(a.checked_abs(), || format!("abs ({a}) overflows"))
}

#[track_caller]
fn width<B: Integer>(bits: B) -> Outcome<u32> {
    match u32::try_from(bits.wide()) {
        Ok(width) => Ok(width),
        Err(_) => Err(Raised::arithmetic(format!("a shift by {bits} bits"))),
    }
}

/// `a << bits`
///
/// # Errors
/// `arithmetic_error` if `bits` is negative, or the width of the type or more.
#[track_caller]
pub fn shl<T: Integer, B: Integer>(a: T, bits: B) -> Outcome<T> {
    fit(a.checked_shl(width(bits)?), || {
        format!("a shift by {bits} bits")
    })
}

/// `a >> bits`
///
/// # Errors
/// `arithmetic_error` if `bits` is negative, or the width of the type or more.
#[track_caller]
pub fn shr<T: Integer, B: Integer>(a: T, bits: B) -> Outcome<T> {
    fit(a.checked_shr(width(bits)?), || {
        format!("a shift by {bits} bits")
    })
}
