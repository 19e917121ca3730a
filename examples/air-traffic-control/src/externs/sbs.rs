//! One line of BaseStation text (SBS-1, port 30003): a message that the receiver has decoded.
//!
//! `MSG,3,1,1,A4F1D0,1,2021/05/01,12:00:00.250,2021/05/01,12:00:00.260,,35000,,,33.9,-118.4,,,0,0,0,0`

use super::frame::{Frame, Message};

/// The fields that the sensor uses; absent ones are empty in the line.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SbsMessage {
    /// Transmission type, 1 to 8.
    pub kind: u8,
    /// The aircraft's 24-bit address.
    pub address: u32,
    /// Callsign.
    pub callsign: Option<String>,
    /// Barometric altitude in feet.
    pub altitude: Option<i32>,
    /// Ground speed in knots.
    pub speed: Option<f64>,
    /// Track angle in degrees.
    pub angle: Option<f64>,
    /// Position in degrees.
    pub place: Option<(f64, f64)>,
    /// Feet a minute.
    pub climb: Option<i32>,
    /// Four octal digits.
    pub squawk: Option<i32>,
}

/// Reads one line; `None` if it is none of this format.
pub fn parse(line: &[u8]) -> Option<Frame> {
    let line = std::str::from_utf8(line).ok()?;
    let fields: Vec<&str> = line.split(',').map(str::trim).collect();
    let field = |index: usize| fields.get(index).copied().filter(|text| !text.is_empty());
    if fields.first() != Some(&"MSG") {
        // SEL, ID, AIR, STA and CLK lines are of the format but tell nothing about positions.
        let known = matches!(*fields.first()?, "SEL" | "ID" | "AIR" | "STA" | "CLK");
        return known.then_some(Frame {
            time: None,
            message: Message::Other,
        });
    }
    if fields.len() < 16 {
        return None;
    }
    let kind: u8 = field(1)?
        .parse()
        .ok()
        .filter(|kind| (1..=8).contains(kind))?;
    let address = field(4).and_then(|text| u32::from_str_radix(text, 16).ok())?;
    let place = match (number(field(14)), number(field(15))) {
        (Some(latitude), Some(longitude)) if latitude.abs() <= 90.0 && longitude.abs() <= 180.0 => {
            Some((latitude, longitude))
        }
        (None, None) => None,
        _ => return None,
    };
    let message = SbsMessage {
        kind,
        address: (address <= 0xff_ffff).then_some(address)?,
        callsign: field(10).map(str::to_owned),
        altitude: whole(field(11)),
        speed: number(field(12)).filter(|speed| (0.0..=4096.0).contains(speed)),
        angle: number(field(13)).filter(|angle| (0.0..=360.0).contains(angle)),
        place,
        climb: whole(field(16)),
        squawk: whole(field(17)).filter(|squawk| (0..=7777).contains(squawk)),
    };
    let time = match (field(6), field(7)) {
        (Some(date), Some(time)) => Some(microseconds(date, time)?),
        _ => None,
    };
    Some(Frame {
        time,
        message: Message::Sbs(message),
    })
}

fn number(text: Option<&str>) -> Option<f64> {
    text?.parse().ok().filter(|number: &f64| number.is_finite())
}

fn whole(text: Option<&str>) -> Option<i32> {
    // Some receivers write whole numbers with a fraction.
    let number = number(text)?;
    (number.abs() < 1e6).then_some(number as i32)
}

/// `2021/05/01` and `12:00:00.250` as microseconds since 1970.
fn microseconds(date: &str, time: &str) -> Option<i64> {
    let mut date = date.split('/').map(|part| part.parse::<i64>().ok());
    let (year, month, day) = (date.next()??, date.next()??, date.next()??);
    let (clock, fraction) = time.split_once('.').unwrap_or((time, ""));
    let mut clock = clock.split(':').map(|part| part.parse::<i64>().ok());
    let (hour, minute, second) = (clock.next()??, clock.next()??, clock.next()??);
    let in_range = (1970..=9999).contains(&year)
        && (1..=12).contains(&month)
        && (1..=31).contains(&day)
        && (0..24).contains(&hour)
        && (0..60).contains(&minute)
        && (0..=60).contains(&second);
    if !in_range || fraction.len() > 6 || !fraction.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let fraction: i64 = format!("{fraction:0<6}").parse().ok()?;
    // Days since 1970 in the Gregorian calendar, with years that begin in March.
    let (year, month) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    let days = 365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day - 1;
    let seconds = (days - 719_468) * 86_400 + hour * 3_600 + minute * 60 + second;
    Some(seconds * 1_000_000 + fraction)
}
