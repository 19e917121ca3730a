//! Numeric functions that give the same bits on every machine.

macro_rules! functions {
    ($($(#[$doc:meta])* $name:ident($($argument:ident),+) = $libm:ident;)*) => {$(
        $(#[$doc])*
        #[must_use]
        pub fn $name($($argument: f64),+) -> f64 {
            libm::$libm($($argument),+)
        }
    )*};
}

functions! {
    /// The square root.
    sqrt(x) = sqrt;
    /// The cube root.
    cbrt(x) = cbrt;
    /// The sine.
    sin(x) = sin;
    /// The cosine.
    cos(x) = cos;
    /// The tangent.
    tan(x) = tan;
    /// The arc sine.
    asin(x) = asin;
    /// The arc cosine.
    acos(x) = acos;
    /// The arc tangent.
    atan(x) = atan;
    /// The angle of the point (x, y).
    atan2(y, x) = atan2;
    /// The hyperbolic sine.
    sinh(x) = sinh;
    /// The hyperbolic cosine.
    cosh(x) = cosh;
    /// The hyperbolic tangent.
    tanh(x) = tanh;
    /// e to the power x.
    exp(x) = exp;
    /// The natural logarithm.
    log(x) = log;
    /// The logarithm to the base 2.
    log2(x) = log2;
    /// The logarithm to the base 10.
    log10(x) = log10;
    /// x to the power y.
    pow(x, y) = pow;
    /// The length of the vector (x, y).
    hypot(x, y) = hypot;
    /// The remainder of x / y, with the sign of x.
    fmod(x, y) = fmod;
    /// The greatest whole number that is not greater.
    floor(x) = floor;
    /// The least whole number that is not less.
    ceil(x) = ceil;
    /// The nearest whole number, halves away from zero.
    round(x) = round;
    /// Without the fraction.
    trunc(x) = trunc;
}

/// The lesser of two values; of a number and a NaN, the number.
pub fn min<T: PartialOrd>(a: T, b: T) -> T {
    if b < a || a.partial_cmp(&a).is_none() {
        b
    } else {
        a
    }
}

/// The greater of two values; of a number and a NaN, the number.
pub fn max<T: PartialOrd>(a: T, b: T) -> T {
    if b > a || a.partial_cmp(&a).is_none() {
        b
    } else {
        a
    }
}
