//! Websocket frames as the server writes them: framed once, unmasked, shared by everyone they go to.
//! Frames of clients are read in `incoming`.

use std::io::Cursor;

use bytes::{BufMut, Bytes, BytesMut};
use tungstenite::protocol::frame::FrameHeader;
use tungstenite::protocol::frame::coding::{Control, Data, OpCode};

/// The longest header a server writes: two bytes and a length of eight.
const HEADER_MAX: usize = 10;

/// One whole text frame around `payload`, which must be UTF-8.
pub fn text_frame(payload: &[u8]) -> Bytes {
    text_frame_parts(&[payload])
}

/// One whole text frame around the parts laid end to end, which must be UTF-8 together.
pub fn text_frame_parts(parts: &[&[u8]]) -> Bytes {
    frame(OpCode::Data(Data::Text), parts)
}

/// One whole text frame around `head`, the rows with commas between, and `tail`.
pub(super) fn rows_frame<'a>(
    head: &str,
    rows: impl Iterator<Item = &'a [u8]>,
    tail: &str,
) -> Bytes {
    let mut parts = vec![head.as_bytes()];
    for (at, row) in rows.enumerate() {
        if at > 0 {
            parts.push(b",");
        }
        parts.push(row);
    }
    parts.push(tail.as_bytes());
    text_frame_parts(&parts)
}

/// A ping without payload.
pub(super) fn ping_frame() -> Bytes {
    Bytes::from_static(&[0x89, 0x00])
}

/// The answer to a ping; `payload` is at most 125 bytes.
pub(super) fn pong_frame(payload: &[u8]) -> Bytes {
    frame(OpCode::Control(Control::Pong), &[payload])
}

/// A close frame with a code and no reason text.
pub(super) fn close_frame(code: u16) -> Bytes {
    frame(OpCode::Control(Control::Close), &[&code.to_be_bytes()])
}

fn frame(opcode: OpCode, parts: &[&[u8]]) -> Bytes {
    let length = parts.iter().map(|part| part.len()).sum::<usize>();
    let header = FrameHeader {
        is_final: true,
        opcode,
        ..FrameHeader::default()
    };
    let mut out = BytesMut::with_capacity(HEADER_MAX + length).writer();
    // Writing into a buffer that grows cannot fail.
    let _ = header.format(length as u64, &mut out);
    let mut out = out.into_inner();
    for part in parts {
        out.put_slice(part);
    }
    out.freeze()
}

/// Where the frame ends that byte `offset` lies in, or `offset` itself when it is a boundary.
/// `frames` starts with a whole frame.
pub(super) fn boundary_at_or_after(frames: &[u8], offset: usize) -> usize {
    let mut at = 0;
    while at < offset {
        let mut cursor = Cursor::new(&frames[at..]);
        let Ok(Some((_, length))) = FrameHeader::parse(&mut cursor) else {
            return frames.len();
        };
        at += cursor.position() as usize + length as usize;
    }
    at.min(frames.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn lengths_take_the_shortest_form() {
        assert_eq!(&text_frame(b"hi")[..], b"\x81\x02hi");
        assert_eq!(&text_frame(&[b'x'; 126])[..4], b"\x81\x7e\x00\x7e");
        let long = text_frame(&vec![b'x'; 65_536]);
        assert_eq!(&long[..10], b"\x81\x7f\x00\x00\x00\x00\x00\x01\x00\x00");
        assert_eq!(long.len(), 65_546);
    }

    #[test]
    fn control_frames() {
        assert_eq!(&close_frame(4001)[..], [0x88, 2, 0x0f, 0xa1]);
        assert_eq!(&pong_frame(b"a")[..], b"\x8a\x01a");
    }

    proptest! {
        #[test]
        fn parts_frame_like_their_whole(a in ".{0,200}", b in ".{0,200}") {
            let whole = format!("{a}{b}");
            prop_assert_eq!(text_frame(whole.as_bytes()), text_frame_parts(&[a.as_bytes(), b.as_bytes()]));
        }

        #[test]
        fn boundaries_are_frame_ends(sizes in prop::collection::vec(0_usize..300, 1..6), pick in 0.0..1.0_f64) {
            let mut joined = Vec::new();
            let mut ends = vec![0];
            for size in sizes {
                joined.extend_from_slice(&text_frame(&vec![b'y'; size]));
                ends.push(joined.len());
            }
            let offset = (pick * joined.len() as f64) as usize;
            let expected = *ends.iter().find(|end| **end >= offset).unwrap();
            prop_assert_eq!(boundary_at_or_after(&joined, offset), expected);
        }
    }
}
