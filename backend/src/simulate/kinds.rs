//! How often each category is reported, by whom, and how fast it has to be handled.
//! Plausible weights for a county of half a million people, not statistics.

use super::schedule::Source;

/// The time class of a category in the default catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimeClass {
    /// Emergency: round the clock.
    A,
    /// Urgent: round the clock.
    B,
    /// Quick fix, in working time.
    C,
    /// Regular, in working time.
    D,
    /// Complex, in working days.
    E,
}

/// One category and its weights by source.
#[derive(Debug, Clone, Copy)]
pub struct Kind {
    /// The category's code.
    pub code: &'static str,
    /// Its time class.
    pub class: TimeClass,
    /// Weight among grid, hotline, police, sensor, camera and citizen reports.
    pub weights: [u8; 6],
}

impl Kind {
    /// Its weight among the reports of a source.
    pub fn weight(&self, source: Source) -> f64 {
        f64::from(self.weights[source as usize])
    }
}

/// The time class of a category; regular for an unknown one.
pub fn class_of(code: &str) -> TimeClass {
    KINDS
        .iter()
        .find(|kind| kind.code == code)
        .map_or(TimeClass::D, |kind| kind.class)
}

/// The category's code as the table holds it.
pub fn known(code: &str) -> Option<&'static str> {
    KINDS
        .iter()
        .map(|kind| kind.code)
        .find(|known| *known == code)
}

const fn kind(code: &'static str, class: TimeClass, weights: [u8; 6]) -> Kind {
    Kind {
        code,
        class,
        weights,
    }
}

use TimeClass::{A, B, C, D, E};

/// The 42 categories; weights are grid, hotline, police, sensor, camera, citizen.
pub const KINDS: [Kind; 42] = [
    kind("0101", B, [10, 4, 22, 0, 3, 4]),
    kind("0102", A, [1, 1, 5, 0, 0, 1]),
    kind("0103", B, [6, 4, 3, 0, 2, 4]),
    kind("0104", D, [2, 3, 8, 0, 0, 2]),
    kind("0105", B, [4, 5, 16, 0, 0, 3]),
    kind("0201", E, [26, 8, 22, 0, 0, 2]),
    kind("0202", E, [6, 16, 6, 0, 0, 5]),
    kind("0203", E, [9, 9, 2, 0, 0, 3]),
    kind("0204", E, [6, 22, 6, 0, 0, 7]),
    kind("0205", A, [1, 1, 2, 0, 1, 0]),
    kind("0301", A, [2, 1, 5, 16, 4, 2]),
    kind("0302", A, [2, 1, 1, 8, 0, 1]),
    kind("0303", A, [3, 3, 2, 10, 0, 1]),
    kind("0304", B, [8, 4, 1, 5, 0, 4]),
    kind("0305", B, [11, 3, 1, 6, 0, 3]),
    kind("0401", B, [5, 16, 1, 0, 2, 9]),
    kind("0402", D, [3, 7, 1, 0, 0, 3]),
    kind("0403", D, [5, 18, 2, 0, 0, 7]),
    kind("0404", A, [1, 3, 2, 6, 0, 1]),
    kind("0501", E, [12, 14, 0, 0, 4, 9]),
    kind("0502", C, [24, 12, 0, 0, 18, 12]),
    kind("0503", C, [18, 22, 14, 0, 26, 20]),
    kind("0504", B, [3, 3, 2, 0, 3, 3]),
    kind("0601", B, [8, 7, 0, 10, 0, 6]),
    kind("0602", C, [20, 12, 1, 12, 14, 10]),
    kind("0603", D, [14, 9, 0, 0, 7, 9]),
    kind("0604", C, [8, 26, 20, 8, 0, 12]),
    kind("0701", C, [44, 16, 0, 0, 16, 18]),
    kind("0702", D, [20, 14, 0, 2, 0, 12]),
    kind("0703", B, [10, 7, 1, 8, 0, 8]),
    kind("0704", B, [16, 22, 1, 12, 0, 12]),
    kind("0705", D, [10, 7, 0, 0, 0, 6]),
    kind("0801", A, [2, 2, 24, 0, 3, 2]),
    kind("0802", D, [12, 9, 3, 4, 0, 8]),
    kind("0803", A, [2, 1, 1, 2, 0, 1]),
    kind("0901", A, [5, 1, 3, 16, 0, 1]),
    kind("0902", E, [18, 9, 2, 0, 0, 3]),
    kind("0903", B, [6, 4, 3, 0, 0, 2]),
    kind("0904", D, [10, 5, 3, 0, 0, 3]),
    kind("1001", E, [14, 8, 0, 0, 2, 4]),
    kind("1002", B, [8, 5, 0, 2, 0, 3]),
    kind("1003", D, [14, 34, 0, 0, 0, 12]),
];
