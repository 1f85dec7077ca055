//! What a client sends, read frame by frame from whatever pieces the network hands over. A live client has
//! little to say beyond pongs and a good-bye: a text as short as a control frame is heard, all other data is
//! skipped unseen, and only a partial frame is kept.

use std::io::Cursor;

use bytes::Bytes;
use tungstenite::protocol::frame::FrameHeader;
use tungstenite::protocol::frame::coding::{CloseCode, Control, Data, OpCode};

use super::code;

/// The most bytes a message of a client may have: beyond a short text this is for politeness.
const MESSAGE_MAX: u64 = 4096;
/// A control frame's payload, by the protocol; a text that is heard is no longer.
const SHORT_MAX: u64 = 125;
/// A whole short frame with the longest header: what must be held at most to go on.
const HELD_MAX: usize = 14 + SHORT_MAX as usize;

/// A short frame of the client; other data frames are not reported.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Heard {
    /// A ping, to be answered with the same payload.
    Ping(Bytes),
    /// A pong.
    Pong,
    /// A short text, in one frame. Not yet known to be UTF-8.
    Said(Bytes),
    /// The client closes, with this code (1000 when it gave none).
    Close(u16),
}

/// The close code that a client's fault deserves.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Fault(pub u16);

/// Where the reading of one client's bytes stands.
#[derive(Default)]
pub(super) struct Incoming {
    held: Vec<u8>,
    message: Message,
}

#[derive(Default)]
struct Message {
    /// Payload bytes of a data frame still to be skipped.
    skip: u32,
    /// Bytes of the message so far, over its fragments.
    bytes: u32,
    /// A fragment came and the final one did not yet.
    open: bool,
}

impl Incoming {
    /// Takes bytes off the front of `input` up to and with the next frame that is heard; `None` when `input` is
    /// used up. After a `Close` or a fault the rest means nothing.
    pub fn next(&mut self, input: &mut &[u8]) -> Result<Option<Heard>, Fault> {
        loop {
            self.message.skip_payload(input);
            if input.is_empty() {
                return Ok(None);
            }
            let Some((used, heard)) = self.step(input)? else {
                return Ok(None);
            };
            *input = &input[used..];
            if heard.is_some() {
                return Ok(heard);
            }
        }
    }

    /// Reads one header, or one whole short frame, of what is held and `input` together.
    /// Returns how much of `input` it used, or `None` having put all of it aside.
    fn step(&mut self, input: &[u8]) -> Result<Option<(usize, Option<Heard>)>, Fault> {
        if self.held.is_empty() {
            let step = self.message.read(input)?;
            if step.is_none() {
                self.held = input.to_vec();
            }
            return Ok(step);
        }
        let before = self.held.len();
        let more = input.len().min(HELD_MAX - before);
        self.held.extend_from_slice(&input[..more]);
        let Some((used, heard)) = self.message.read(&self.held)? else {
            return Ok(None);
        };
        self.held = Vec::new();
        Ok(Some((used - before, heard)))
    }
}

impl Message {
    fn skip_payload(&mut self, input: &mut &[u8]) {
        let now = input.len().min(self.skip as usize);
        self.skip -= now as u32;
        *input = &input[now..];
    }

    fn read(&mut self, bytes: &[u8]) -> Result<Option<(usize, Option<Heard>)>, Fault> {
        let mut cursor = Cursor::new(bytes);
        let parsed = FrameHeader::parse(&mut cursor).map_err(|_| Fault(code::PROTOCOL))?;
        let Some((header, length)) = parsed else {
            return Ok(None);
        };
        let start = cursor.position() as usize;
        let Some(mask) = header.mask else {
            return Err(Fault(code::PROTOCOL));
        };
        if header.rsv1 || header.rsv2 || header.rsv3 {
            return Err(Fault(code::PROTOCOL));
        }
        match header.opcode {
            OpCode::Data(Data::Text) if !self.open && header.is_final && length <= SHORT_MAX => {
                let said = short(bytes, start, length, mask);
                Ok(said.map(|(end, text)| (end, Some(Heard::Said(text)))))
            }
            OpCode::Data(data) => {
                self.data(data, header.is_final, length)?;
                Ok(Some((start, None)))
            }
            OpCode::Control(control) => {
                if length > SHORT_MAX || !header.is_final {
                    return Err(Fault(code::PROTOCOL));
                }
                let Some((end, payload)) = short(bytes, start, length, mask) else {
                    return Ok(None);
                };
                Ok(Some((end, Some(control_heard(control, payload)?))))
            }
        }
    }

    fn data(&mut self, data: Data, is_final: bool, length: u64) -> Result<(), Fault> {
        let continues = data == Data::Continue;
        if continues != self.open {
            return Err(Fault(code::PROTOCOL));
        }
        let total = length.saturating_add(u64::from(self.bytes));
        if total > MESSAGE_MAX {
            return Err(Fault(code::BAD_REQUEST));
        }
        self.skip = length as u32;
        self.bytes = if is_final { 0 } else { total as u32 };
        self.open = !is_final;
        Ok(())
    }
}

/// The unmasked payload of a short frame and where it ends; `None` while not all of it is there.
fn short(bytes: &[u8], start: usize, length: u64, mask: [u8; 4]) -> Option<(usize, Bytes)> {
    let end = start + length as usize;
    let payload = bytes.get(start..end)?;
    let plain = payload
        .iter()
        .zip(mask.iter().cycle())
        .map(|(byte, key)| byte ^ key);
    Some((end, plain.collect()))
}

fn control_heard(control: Control, payload: Bytes) -> Result<Heard, Fault> {
    match control {
        Control::Ping => Ok(Heard::Ping(payload)),
        Control::Pong => Ok(Heard::Pong),
        Control::Close => close_heard(&payload),
        Control::Reserved(_) => Err(Fault(code::PROTOCOL)),
    }
}

fn close_heard(payload: &[u8]) -> Result<Heard, Fault> {
    match payload {
        [] => Ok(Heard::Close(code::NORMAL)),
        [high, low, reason @ ..] => {
            let said = u16::from_be_bytes([*high, *low]);
            if CloseCode::from(said).is_allowed() && std::str::from_utf8(reason).is_ok() {
                Ok(Heard::Close(said))
            } else {
                Err(Fault(code::PROTOCOL))
            }
        }
        [_] => Err(Fault(code::PROTOCOL)),
    }
}

/// Reads pieces to their end, or to a close or a fault, and tells what was heard.
pub(crate) fn hear_all<'a>(pieces: impl Iterator<Item = &'a [u8]>) -> String {
    let mut incoming = Incoming::default();
    let mut heard = Vec::new();
    for piece in pieces {
        let mut rest = piece;
        loop {
            match incoming.next(&mut rest) {
                Ok(None) => break,
                Ok(Some(one)) => {
                    let ends = matches!(one, Heard::Close(_));
                    heard.push(one);
                    if ends {
                        return format!("{heard:?}");
                    }
                }
                Err(fault) => return format!("{heard:?} {fault:?}"),
            }
        }
    }
    format!("{heard:?}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// One masked frame as a client would send it.
    fn client_frame(first: u8, payload: &[u8]) -> Vec<u8> {
        let mask = [7, 77, 177, 27];
        let mut out = vec![first];
        match payload.len() {
            short @ 0..126 => out.push(0x80 | short as u8),
            long => {
                out.push(0xfe);
                out.extend_from_slice(&(long as u16).to_be_bytes());
            }
        }
        out.extend_from_slice(&mask);
        out.extend(
            payload
                .iter()
                .zip(mask.iter().cycle())
                .map(|(byte, key)| byte ^ key),
        );
        out
    }

    /// Feeds the pieces one after the other and gathers what was heard, up to a close or a fault.
    fn hear(pieces: &[&[u8]]) -> Result<Vec<Heard>, Fault> {
        let mut incoming = Incoming::default();
        let mut all = Vec::new();
        for piece in pieces {
            let mut rest = *piece;
            while let Some(heard) = incoming.next(&mut rest)? {
                all.push(heard);
            }
        }
        Ok(all)
    }

    #[test]
    fn protocol_faults_have_their_code() {
        let protocol = Err(Fault(code::PROTOCOL));
        assert_eq!(hear(&[b"\x81\x02hi"]), protocol, "unmasked");
        assert_eq!(
            hear(&[&client_frame(0xc1, b"hi")]),
            protocol,
            "reserved bit"
        );
        assert_eq!(
            hear(&[&client_frame(0x83, b"hi")]),
            protocol,
            "unknown opcode"
        );
        assert_eq!(
            hear(&[&client_frame(0x80, b"hi")]),
            protocol,
            "continues nothing"
        );
        assert_eq!(
            hear(&[&client_frame(0x09, b"hi")]),
            protocol,
            "fragmented ping"
        );
        assert_eq!(
            hear(&[&client_frame(0x89, &[0; 126])]),
            protocol,
            "long ping"
        );
        assert_eq!(hear(&[&client_frame(0x88, b"x")]), protocol, "half a code");
        assert_eq!(
            hear(&[&client_frame(0x88, &1005_u16.to_be_bytes())]),
            protocol,
            "a code never sent"
        );
    }

    #[test]
    fn a_message_in_the_middle_of_another_is_a_fault() {
        let first = client_frame(0x01, b"a");
        let second = client_frame(0x81, b"b");
        assert_eq!(hear(&[&first, &second]), Err(Fault(code::PROTOCOL)));
    }

    #[test]
    fn long_messages_are_refused_also_in_fragments() {
        assert_eq!(hear(&[&client_frame(0x82, &[1; 4096])]), Ok(vec![]));
        assert_eq!(
            hear(&[&client_frame(0x82, &[1; 4097])]),
            Err(Fault(code::BAD_REQUEST))
        );
        let mut stream = client_frame(0x02, &[1; 3000]);
        stream.extend(client_frame(0x80, &[1; 3000]));
        assert_eq!(hear(&[&stream]), Err(Fault(code::BAD_REQUEST)));
    }

    #[test]
    fn only_a_short_text_in_one_frame_is_heard() {
        let said = |text: &'static [u8]| Ok(vec![Heard::Said(Bytes::from_static(text))]);
        assert_eq!(hear(&[&client_frame(0x81, b"short")]), said(b"short"));
        assert_eq!(
            hear(&[&client_frame(0x81, &[b'x'; 125])]),
            said(&[b'x'; 125])
        );
        assert_eq!(hear(&[&client_frame(0x81, &[b'x'; 126])]), Ok(vec![]));
        assert_eq!(hear(&[&client_frame(0x82, b"bytes")]), Ok(vec![]));
        let pieces = [client_frame(0x01, b"in "), client_frame(0x80, b"two")].concat();
        assert_eq!(hear(&[&pieces]), Ok(vec![]));
    }

    #[test]
    fn a_close_without_code_is_normal() {
        assert_eq!(
            hear(&[&client_frame(0x88, b"")]),
            Ok(vec![Heard::Close(1000)])
        );
        assert_eq!(
            hear(&[&client_frame(0x88, b"\x03\xe9bye")]),
            Ok(vec![Heard::Close(1001)])
        );
    }

    prop_compose! {
        fn any_frame()(kind in 0..6_u8, payload in prop::collection::vec(any::<u8>(), 0..400)) -> Vec<u8> {
            let short = &payload[..payload.len().min(125)];
            match kind {
                0 => client_frame(0x89, short),
                1 => client_frame(0x8a, short),
                2 => client_frame(0x82, &payload),
                3 => client_frame(0x81, short),
                4 => client_frame(0x81, &payload),
                _ => [client_frame(0x01, &payload), client_frame(0x89, b"between"), client_frame(0x80, &payload)].concat(),
            }
        }
    }

    proptest! {
        #[test]
        fn where_the_bytes_are_cut_does_not_matter(
            frames in prop::collection::vec(any_frame(), 1..6),
            cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..12),
        ) {
            let stream = frames.concat();
            let whole = hear(&[&stream]);
            let mut at: Vec<usize> = cuts.iter().map(|cut| cut.index(stream.len() + 1)).collect();
            at.extend([0, stream.len()]);
            at.sort_unstable();
            let pieces: Vec<&[u8]> = at.windows(2).map(|pair| &stream[pair[0]..pair[1]]).collect();
            prop_assert!(whole.is_ok());
            prop_assert_eq!(hear(&pieces), hear(&[&stream]));
            let bytes: Vec<&[u8]> = stream.chunks(1).collect();
            prop_assert_eq!(hear(&bytes), whole);
        }

        #[test]
        fn any_bytes_end_in_order_or_in_a_code(noise in prop::collection::vec(any::<u8>(), 0..600)) {
            let whole = hear(&[&noise]);
            let bytes: Vec<&[u8]> = noise.chunks(1).collect();
            prop_assert_eq!(hear(&bytes), whole);
        }
    }
}
