//! Frames of JT/T 808, the wire of vehicle terminals: cutting a stream of bytes into them, reading
//! and writing one, in the editions of 2013 and 2019. Pure; connections and what a message means
//! for a unit are left to the parent.
//!
//! A frame is `7E`, the escaped header, body and checksum, `7E`. Within it `7E` is written `7D 02`
//! and `7D` is `7D 01`. All numbers are big-endian; telephone numbers and times are BCD.

use std::fmt::Write as _;

use domain::time::{Date, Span, Timestamp, UtcOffset};

/// What a frame begins and ends with.
const MARK: u8 = 0x7e;
/// What stands before an escaped byte.
const ESCAPE: u8 = 0x7d;
/// The longest body a header can announce, in bytes.
pub const MAX_BODY: usize = 0x3ff;
/// The longest frame unescaped: the header of 2019, the parts of a message, body and checksum.
const MAX_FRAME: usize = 17 + 4 + MAX_BODY + 1;
/// Bit of the header's attributes: the edition of 2019, with a version and a longer number.
const VERSIONED: u16 = 1 << 14;
/// Bit of the header's attributes: one part of a message in several.
const IN_PARTS: u16 = 1 << 13;
/// Bits of the header's attributes that say how the body is encrypted.
const ENCRYPTED: u16 = 0b111 << 10;

/// Message ids.
pub mod id {
    /// A terminal's general answer.
    pub const TERMINAL_ANSWER: u16 = 0x0001;
    /// Heartbeat (心跳).
    pub const HEARTBEAT: u16 = 0x0002;
    /// The terminal signs off (注销).
    pub const SIGN_OFF: u16 = 0x0003;
    /// Registration (注册).
    pub const REGISTER: u16 = 0x0100;
    /// Authentication (鉴权).
    pub const AUTHENTICATE: u16 = 0x0102;
    /// A position (位置信息汇报).
    pub const POSITION: u16 = 0x0200;
    /// Positions kept while there was no link (定位数据批量上传).
    pub const POSITIONS: u16 = 0x0704;
    /// The platform's general answer.
    pub const ANSWER: u16 = 0x8001;
    /// The answer to a registration.
    pub const REGISTERED: u16 = 0x8100;
}

/// What is wrong with a frame or a body.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Wrong {
    /// Longer than any frame can be.
    TooLong,
    /// Shorter than its header.
    TooShort,
    /// A byte after `7D` that is neither `01` nor `02`.
    Escape,
    /// The checksum is of other bytes.
    Checksum,
    /// The body is not as long as the header says.
    Length,
    /// A number or a time that is not BCD, or no date.
    Digits,
    /// The body is encrypted, and there is no key.
    Encrypted,
    /// A coordinate beyond the earth.
    OffEarth,
}

impl Wrong {
    /// Its name, stable, in `snake_case`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::TooLong => "too_long",
            Self::TooShort => "too_short",
            Self::Escape => "escape",
            Self::Checksum => "checksum",
            Self::Length => "length",
            Self::Digits => "digits",
            Self::Encrypted => "encrypted",
            Self::OffEarth => "off_earth",
        }
    }
}

/// One message, or one part of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Frame {
    /// What it is.
    pub id: u16,
    /// The sender's running number.
    pub serial: u16,
    /// The terminal's number: 12 digits, or 20 in the edition of 2019.
    pub terminal: String,
    /// Whether it is of the edition of 2019.
    pub is_2019: bool,
    /// How many parts the message has and which this is, from 1.
    pub part: Option<(u16, u16)>,
    /// What it says.
    pub body: Vec<u8>,
}

/// Cuts a stream into frames; holds no more of it than one frame is long.
#[derive(Debug, Default)]
pub struct Cutter {
    held: Vec<u8>,
    is_inside: bool,
    is_escaped: bool,
    /// Why what is inside counts for nothing.
    wrong: Option<Wrong>,
}

impl Cutter {
    /// Takes bytes as they came and answers the frames that end among them. What comes before the
    /// first mark is passed over.
    pub fn take(&mut self, bytes: &[u8]) -> Vec<Result<Frame, Wrong>> {
        let mut frames = Vec::new();
        for byte in bytes {
            if *byte == MARK {
                frames.extend(self.mark());
            } else if self.is_inside && self.wrong.is_none() {
                self.hold(*byte);
            }
        }
        frames
    }

    /// Whether a frame has begun and not ended.
    pub fn is_within(&self) -> bool {
        self.is_inside && (!self.held.is_empty() || self.is_escaped || self.wrong.is_some())
    }

    /// A mark ends a frame, or begins one: nothing between two is no frame.
    fn mark(&mut self) -> Option<Result<Frame, Wrong>> {
        let was_within = self.is_within();
        let wrong = self.wrong.take();
        let wrong = wrong.or(self.is_escaped.then_some(Wrong::Escape));
        self.is_escaped = false;
        let held = std::mem::take(&mut self.held);
        // Some let the end of one frame be the beginning of the next; and a lost mark must not shift
        // what is inside and what is between for ever.
        self.is_inside = true;
        match wrong {
            _ if !was_within => None,
            Some(wrong) => Some(Err(wrong)),
            None => Some(read(&held)),
        }
    }

    fn hold(&mut self, byte: u8) {
        let plain = match (std::mem::take(&mut self.is_escaped), byte) {
            (true, 1) => ESCAPE,
            (true, 2) => MARK,
            (true, _) => return self.spoil(Wrong::Escape),
            (false, ESCAPE) => {
                self.is_escaped = true;
                return;
            }
            (false, byte) => byte,
        };
        if self.held.len() >= MAX_FRAME {
            return self.spoil(Wrong::TooLong);
        }
        self.held.push(plain);
    }

    fn spoil(&mut self, wrong: Wrong) {
        self.wrong = Some(wrong);
        self.held = Vec::new();
    }
}

/// Reads bytes from the front, and never beyond the end.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], Wrong> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or(Wrong::TooShort)?;
        self.0 = rest;
        Ok(taken)
    }

    fn u16(&mut self) -> Result<u16, Wrong> {
        let bytes = self.take(2)?;
        Ok(bytes
            .iter()
            .fold(0, |sum, byte| (sum << 8) | u16::from(*byte)))
    }

    fn u32(&mut self) -> Result<u32, Wrong> {
        Ok((u32::from(self.u16()?) << 16) | u32::from(self.u16()?))
    }

    fn digits(&mut self, bytes: usize) -> Result<String, Wrong> {
        let mut text = String::with_capacity(bytes * 2);
        for byte in self.take(bytes)? {
            if byte >> 4 > 9 || byte & 15 > 9 {
                return Err(Wrong::Digits);
            }
            let _ = write!(text, "{byte:02x}");
        }
        Ok(text)
    }
}

/// Reads what stood between two marks, unescaped.
fn read(bytes: &[u8]) -> Result<Frame, Wrong> {
    let (told, rest) = bytes.split_last().ok_or(Wrong::TooShort)?;
    if sum_of(rest) != *told {
        return Err(Wrong::Checksum);
    }
    let mut reader = Reader(rest);
    let (id, attributes) = (reader.u16()?, reader.u16()?);
    let is_2019 = attributes & VERSIONED != 0;
    if is_2019 {
        reader.take(1)?;
    }
    let terminal = reader.digits(if is_2019 { 10 } else { 6 })?;
    let serial = reader.u16()?;
    let part = if attributes & IN_PARTS != 0 {
        Some((reader.u16()?, reader.u16()?))
    } else {
        None
    };
    if reader.0.len() != usize::from(attributes) & MAX_BODY {
        return Err(Wrong::Length);
    }
    if attributes & ENCRYPTED != 0 {
        return Err(Wrong::Encrypted);
    }
    Ok(Frame {
        id,
        serial,
        terminal,
        is_2019,
        part,
        body: reader.0.to_vec(),
    })
}

/// The exclusive or of all bytes.
fn sum_of(bytes: &[u8]) -> u8 {
    bytes.iter().fold(0, |sum, byte| sum ^ byte)
}

impl Frame {
    /// The frame as it goes over the wire.
    pub fn write(&self) -> Vec<u8> {
        let body = &self.body[..self.body.len().min(MAX_BODY)];
        let mut plain = Vec::with_capacity(MAX_FRAME);
        let mut attributes = body.len() as u16;
        if self.is_2019 {
            attributes |= VERSIONED;
        }
        if self.part.is_some() {
            attributes |= IN_PARTS;
        }
        plain.extend(self.id.to_be_bytes());
        plain.extend(attributes.to_be_bytes());
        plain.extend(self.is_2019.then_some(1));
        plain.extend(bcd(&self.terminal, if self.is_2019 { 10 } else { 6 }));
        plain.extend(self.serial.to_be_bytes());
        if let Some((of, which)) = self.part {
            plain.extend(of.to_be_bytes());
            plain.extend(which.to_be_bytes());
        }
        plain.extend(body);
        plain.push(sum_of(&plain));
        let mut wire = vec![MARK];
        for byte in plain {
            match byte {
                MARK => wire.extend([ESCAPE, 2]),
                ESCAPE => wire.extend([ESCAPE, 1]),
                byte => wire.push(byte),
            }
        }
        wire.push(MARK);
        wire
    }
}

/// The last digits of a text as so many bytes, with noughts before them.
fn bcd(text: &str, bytes: usize) -> Vec<u8> {
    let mut digits: Vec<u8> = text.bytes().filter(u8::is_ascii_digit).rev().collect();
    digits.resize(bytes * 2, b'0');
    let pairs = digits.chunks_exact(2).rev();
    pairs
        .map(|pair| ((pair[1] - b'0') << 4) | (pair[0] - b'0'))
        .collect()
}

/// A position as a terminal tells it.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Position {
    /// Alarm bits, as they came.
    pub alarm: u32,
    /// Whether the satellites gave a fix; without one the coordinates are the last known.
    pub is_fixed: bool,
    /// Degrees east, WGS-84 by the standard.
    pub lon: f64,
    /// Degrees north.
    pub lat: f64,
    /// Metres a second; told in tenths of a kilometre an hour.
    pub speed: f64,
    /// Degrees from north, clockwise, below 360.
    pub heading: f64,
    /// When, by the terminal's clock: always told in UTC+8.
    pub at: Timestamp,
}

/// Reads the body of `0x0200`; what follows the fixed part is passed over.
///
/// # Errors
/// What is wrong with it.
pub fn position(body: &[u8]) -> Result<Position, Wrong> {
    let mut reader = Reader(body);
    let (alarm, status) = (reader.u32()?, reader.u32()?);
    let (lat, lon) = (reader.u32()?, reader.u32()?);
    let _altitude = reader.u16()?;
    let (speed, heading) = (reader.u16()?, reader.u16()?);
    let at = time(&reader.digits(6)?)?;
    let degrees = |value: u32, bit: u32, most: f64| {
        let value = f64::from(value) / 1e6;
        let signed = if status & bit == 0 { value } else { -value };
        (value <= most).then_some(signed).ok_or(Wrong::OffEarth)
    };
    Ok(Position {
        alarm,
        is_fixed: status & 0b10 != 0,
        lat: degrees(lat, 0b100, 90.0)?,
        lon: degrees(lon, 0b1000, 180.0)?,
        speed: f64::from(speed) / 36.0,
        heading: f64::from(heading % 360),
        at,
    })
}

/// Reads the body of `0x0704`: many positions, each with what is wrong with it alone.
///
/// # Errors
/// The list itself is broken.
pub fn positions(body: &[u8]) -> Result<Vec<Result<Position, Wrong>>, Wrong> {
    let mut reader = Reader(body);
    let count = usize::from(reader.u16()?);
    reader.take(1)?;
    let mut all = Vec::new();
    for _ in 0..count {
        let length = usize::from(reader.u16()?);
        all.push(position(reader.take(length)?));
    }
    Ok(all)
}

/// `YYMMDDhhmmss` in UTC+8.
fn time(digits: &str) -> Result<Timestamp, Wrong> {
    let two = |at: usize| {
        let text = digits.get(at..at + 2).unwrap_or_default();
        text.parse::<u32>().map_err(|_| Wrong::Digits)
    };
    let year = 2000 + two(0)? as i32;
    let date = Date::from_ymd(year, two(2)?, two(4)?).ok_or(Wrong::Digits)?;
    let (hours, minutes, seconds) = (two(6)?, two(8)?, two(10)?);
    if hours > 23 || minutes > 59 || seconds > 59 {
        return Err(Wrong::Digits);
    }
    let since = Span::secs(i64::from(hours * 3_600 + minutes * 60 + seconds));
    Ok(date.at(since, UtcOffset::CHINA))
}

#[cfg(test)]
mod tests;
