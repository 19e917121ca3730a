//! What `extern_rust.cmsl` declares.

use crate::data::Reading;

pub struct Device {
    label: String,
    left: i32,
    given: i32,
}

impl Device {
    pub fn new(label: &str, count: i32) -> Device {
        Device {
            label: label.to_owned(),
            left: count,
            given: 0,
        }
    }

    pub fn next(&mut self) -> Option<Reading> {
        if self.left == 0 {
            return None;
        }
        self.left -= 1;
        self.given += 1;
        Some(Reading {
            label: format!("{}{}", self.label, self.given),
            value: f64::from(self.given),
        })
    }

    pub fn at_end(&mut self) -> bool {
        self.left == 0
    }

    pub fn history(&self, n: i32) -> Vec<i32> {
        (0..n).map(|i| i * i).collect()
    }
}

pub fn scale(value: f64, by: i32) -> f64 {
    value * f64::from(by)
}

pub fn label_of(reading: &Reading) -> String {
    format!("<{}>", reading.label)
}

pub fn checked(n: i32) -> Result<i32, String> {
    if n < 0 {
        return Err(format!("negative: {n}"));
    }
    Ok(n)
}
