//! Dates and times: `date` in days, the others in nanoseconds, timestamps in UTC since 1970.

use super::Value;
use crate::object::{Damaged, Decoder, Encoder, Outcome, Raised};
use std::fmt;

const SECOND: i64 = 1_000_000_000;
const DAY: i64 = 86_400 * SECOND;

macro_rules! times {
    ($($(#[$doc:meta])* $name:ident($ty:ty, $wire:ident);)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
        pub struct $name(pub $ty);

        impl Value for $name {
            fn write(&self, out: &mut Encoder) {
                out.out().$wire(self.0);
            }

            fn read(from: &mut Decoder<'_>) -> Result<$name, Damaged> {
                Ok($name(from.reader().$wire()?))
            }

            fn describe(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }
    )*};
}

times! {
    /// `date`: days since 1970-01-01.
    Date(i32, i32);
    /// `time`: nanoseconds since midnight.
    Time(i64, i64);
    /// `timestamp`: nanoseconds since 1970 in UTC.
    Timestamp(i64, i64);
    /// `interval`: nanoseconds.
    Interval(i64, i64);
}

/// Days since 1970 of a day of the proleptic Gregorian calendar (Howard Hinnant's algorithm).
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// The year, month and day of a number of days since 1970.
fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 {
        shifted + 3
    } else {
        shifted - 9
    };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

#[track_caller]
fn nanoseconds(seconds: f64) -> Outcome<i64> {
    super::cast(libm::round(seconds * 1e9))
}

impl Date {
    /// The date of a year, month and day.
    ///
    /// # Errors
    /// `arithmetic_error` if there is no such day.
    #[track_caller]
    pub fn new(year: i32, month: i32, day: i32) -> Outcome<Date> {
        let number = days(year.into(), month.into(), day.into());
        if (-9999..=9999).contains(&year)
            && (1..=12).contains(&month)
            && civil(number) == (year.into(), month.into(), day.into())
        {
            super::cast(number).map(Date)
        } else {
            Err(Raised::arithmetic(format!(
                "there is no day {year}-{month}-{day}"
            )))
        }
    }

    fn parts(self) -> (i64, i64, i64) {
        civil(self.0.into())
    }

    /// The year.
    #[must_use]
    pub fn year(self) -> i32 {
        i32::try_from(self.parts().0).unwrap_or(i32::MAX)
    }

    /// The month, from 1.
    #[must_use]
    pub fn month(self) -> i32 {
        i32::try_from(self.parts().1).unwrap_or(0)
    }

    /// The day of the month, from 1.
    #[must_use]
    pub fn day(self) -> i32 {
        i32::try_from(self.parts().2).unwrap_or(0)
    }
}

impl Time {
    /// The time of an hour, minute and second.
    ///
    /// # Errors
    /// `arithmetic_error` if no day has such a time.
    #[track_caller]
    pub fn new(hour: i32, minute: i32, second: f64) -> Outcome<Time> {
        let fraction = nanoseconds(second)?;
        if (0..24).contains(&hour)
            && (0..60).contains(&minute)
            && (0..60 * SECOND).contains(&fraction)
        {
            Ok(Time(
                (i64::from(hour) * 3600 + i64::from(minute) * 60) * SECOND + fraction,
            ))
        } else {
            Err(Raised::arithmetic(format!(
                "there is no time {hour}:{minute}:{}",
                super::show(&second)
            )))
        }
    }

    /// The hour.
    #[must_use]
    pub fn hour(self) -> i32 {
        i32::try_from(self.0 / (3600 * SECOND)).unwrap_or(0)
    }

    /// The minute.
    #[must_use]
    pub fn minute(self) -> i32 {
        i32::try_from(self.0 / (60 * SECOND) % 60).unwrap_or(0)
    }

    /// The second with its fraction.
    #[must_use]
    pub fn second(self) -> f64 {
        (self.0 % (60 * SECOND)) as f64 / 1e9
    }
}

impl Timestamp {
    /// The moment of a date and a time in UTC.
    ///
    /// # Errors
    /// `arithmetic_error` if it is out of range.
    #[track_caller]
    pub fn new(date: Date, time: Time) -> Outcome<Timestamp> {
        let start = super::int::mul(i64::from(date.0), DAY)?;
        super::int::add(start, time.0).map(Timestamp)
    }

    /// Nanoseconds since 1970.
    #[must_use]
    pub fn nanoseconds(self) -> i64 {
        self.0
    }

    /// Its date in UTC.
    #[must_use]
    pub fn date(self) -> Date {
        Date(i32::try_from(self.0.div_euclid(DAY)).unwrap_or(0))
    }

    /// Its time of day in UTC.
    #[must_use]
    pub fn time(self) -> Time {
        Time(self.0.rem_euclid(DAY))
    }

    /// `self + interval`
    ///
    /// # Errors
    /// `arithmetic_error` if it is out of range.
    #[track_caller]
    pub fn plus(self, interval: Interval) -> Outcome<Timestamp> {
        super::int::add(self.0, interval.0).map(Timestamp)
    }

    /// `self - interval`
    ///
    /// # Errors
    /// `arithmetic_error` if it is out of range.
    #[track_caller]
    pub fn minus(self, interval: Interval) -> Outcome<Timestamp> {
        super::int::sub(self.0, interval.0).map(Timestamp)
    }

    /// `self - other`
    ///
    /// # Errors
    /// `arithmetic_error` if it is out of range.
    #[track_caller]
    pub fn since(self, other: Timestamp) -> Outcome<Interval> {
        super::int::sub(self.0, other.0).map(Interval)
    }
}

impl Interval {
    /// An interval of so many seconds.
    ///
    /// # Errors
    /// `arithmetic_error` if it is out of range.
    #[track_caller]
    pub fn new(seconds: f64) -> Outcome<Interval> {
        nanoseconds(seconds).map(Interval)
    }

    /// Its length in seconds.
    #[must_use]
    pub fn seconds(self) -> f64 {
        self.0 as f64 / 1e9
    }

    /// `self + other`
    ///
    /// # Errors
    /// `arithmetic_error` if it is out of range.
    #[track_caller]
    pub fn plus(self, other: Interval) -> Outcome<Interval> {
        super::int::add(self.0, other.0).map(Interval)
    }

    /// `self - other`
    ///
    /// # Errors
    /// `arithmetic_error` if it is out of range.
    #[track_caller]
    pub fn minus(self, other: Interval) -> Outcome<Interval> {
        super::int::sub(self.0, other.0).map(Interval)
    }

    /// Its length in nanoseconds.
    #[must_use]
    pub fn nanoseconds(self) -> i64 {
        self.0
    }

    /// `self * factor`
    ///
    /// # Errors
    /// `arithmetic_error` if it is out of range.
    #[track_caller]
    pub fn times(self, factor: impl super::cast::Castable) -> Outcome<Interval> {
        let factor: f64 = super::cast(factor)?;
        super::cast(libm::round(self.0 as f64 * factor)).map(Interval)
    }

    /// `self / divisor`
    ///
    /// # Errors
    /// `arithmetic_error` if it is out of range.
    #[track_caller]
    pub fn divided(self, divisor: impl super::cast::Castable) -> Outcome<Interval> {
        let divisor: f64 = super::cast(divisor)?;
        super::cast(libm::round(self.0 as f64 / divisor)).map(Interval)
    }

    /// `-self`
    ///
    /// # Errors
    /// `arithmetic_error` if it is out of range.
    #[track_caller]
    pub fn negated(self) -> Outcome<Interval> {
        super::int::neg(self.0).map(Interval)
    }
}

fn fraction(f: &mut fmt::Formatter<'_>, nanoseconds: i64) -> fmt::Result {
    let digits = format!("{nanoseconds:09}");
    let digits = digits.trim_end_matches('0');
    if digits.is_empty() {
        Ok(())
    } else {
        write!(f, ".{digits}")
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.parts();
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0 / SECOND;
        write!(
            f,
            "{:02}:{:02}:{:02}",
            seconds / 3600,
            seconds / 60 % 60,
            seconds % 60
        )?;
        fraction(f, self.0 % SECOND)
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}T{}Z", self.date(), self.time())
    }
}

impl fmt::Display for Interval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 < 0 {
            f.write_str("-")?;
        }
        let length = self.0.unsigned_abs();
        write!(f, "{}", length / SECOND.unsigned_abs())?;
        fraction(
            f,
            i64::try_from(length % SECOND.unsigned_abs()).unwrap_or(0),
        )?;
        f.write_str("s")
    }
}
