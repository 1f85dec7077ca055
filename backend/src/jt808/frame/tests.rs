//! Frames of other makers' terminals, and whatever else could come over the wire.

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

fn bytes(hex: &str) -> Vec<u8> {
    let digits: Vec<u8> = hex.bytes().filter(u8::is_ascii_hexdigit).collect();
    let pairs = digits
        .chunks_exact(2)
        .map(|pair| std::str::from_utf8(pair).expect("digits"));
    pairs
        .map(|pair| u8::from_str_radix(pair, 16).expect("a byte"))
        .collect()
}

fn one(hex: &str) -> Frame {
    let mut frames = Cutter::default().take(&bytes(hex));
    assert_eq!(frames.len(), 1, "{frames:?}");
    frames.remove(0).expect("a sound frame")
}

/// A position of the edition of 2013 with two escapes, one of them in the header's running number.
const POSITION_2013: &str = "7E0200002612345678901200 7D02 000000010000000200BA7F0E07E4F11C\
    0028003C00001810151010100104000000640202007D01137E";
/// One of the edition of 2019.
const POSITION_2019: &str = "7E0200402D01000000000139123443210000003000000040000101CD41C2072901B0\
    0929029A005A23042821314101040000029B0202004303020309300163897E";
const REGISTRATION_2013: &str = "7e0100002c0123456789010000001f007363640000007777772e3830382e636f6d\
    0000000000000000003736353433323101b2e24131323334cc7e";

#[test]
fn frames_of_both_editions_are_read() {
    let frame = one(POSITION_2013);
    assert_eq!((frame.id, frame.serial), (id::POSITION, 126));
    assert_eq!(
        (frame.terminal.as_str(), frame.is_2019),
        ("123456789012", false)
    );
    let told = position(&frame.body).expect("a position");
    assert_eq!((told.alarm, told.is_fixed), (1, true));
    assert_eq!((told.lat, told.lon), (12.222_222, 132.444_444));
    assert_eq!((told.speed * 3.6, told.heading), (6.0, 0.0));
    assert_eq!(
        told.at.to_rfc3339(UtcOffset::CHINA),
        "2018-10-15T10:10:10.000+08:00"
    );
    let frame = one(POSITION_2019);
    assert_eq!(
        (frame.terminal.as_str(), frame.is_2019),
        ("00000000013912344321", true)
    );
    let told = position(&frame.body).expect("a position");
    assert_eq!(
        (told.lat, told.lon, told.heading),
        (30.228_93, 120.127_92, 90.0)
    );
    let frame = one(REGISTRATION_2013);
    assert_eq!(
        (frame.id, frame.terminal.as_str(), frame.body.len()),
        (id::REGISTER, "012345678901", 44)
    );
    for hex in [POSITION_2013, POSITION_2019] {
        let frame = one(hex);
        assert_eq!(one_of(&frame.write()), frame);
    }
    assert_eq!(one(POSITION_2013).write(), bytes(POSITION_2013));
}

fn one_of(wire: &[u8]) -> Frame {
    let mut frames = Cutter::default().take(wire);
    assert_eq!(frames.len(), 1);
    frames.remove(0).expect("a sound frame")
}

#[test]
fn south_west_and_without_a_fix_are_told_apart() {
    let mut body = one(POSITION_2013).body;
    body[7] = 0b1100;
    let told = position(&body).expect("a position");
    assert_eq!(
        (told.lat, told.lon, told.is_fixed),
        (-12.222_222, -132.444_444, false)
    );
    body[8..12].copy_from_slice(&91_000_000_u32.to_be_bytes());
    assert_eq!(position(&body), Err(Wrong::OffEarth));
    let mut body = one(POSITION_2013).body;
    body[23] = 0x13;
    assert_eq!(
        position(&body),
        Err(Wrong::Digits),
        "there is no thirteenth month"
    );
    assert_eq!(position(&body[..27]), Err(Wrong::TooShort));
}

#[test]
fn a_batch_tells_what_is_wrong_with_each_alone() {
    let sound = one(POSITION_2013).body;
    let mut body = vec![0, 2, 1];
    body.extend((sound.len() as u16).to_be_bytes());
    body.extend(&sound);
    body.extend([0, 3, 1, 2, 3]);
    let all = positions(&body).expect("a list");
    assert!(all[0].is_ok());
    assert_eq!(all[1], Err(Wrong::TooShort));
    body.pop();
    assert_eq!(positions(&body), Err(Wrong::TooShort));
}

#[test]
fn what_is_broken_is_named_and_the_next_frame_is_read() {
    let sound = bytes(POSITION_2013);
    let mut summed = sound.clone();
    summed[20] ^= 1;
    let mut long = vec![MARK];
    long.extend(vec![1; 3_000]);
    long.push(MARK);
    let cases: [(&[u8], Wrong); 4] = [
        (&summed, Wrong::Checksum),
        (&long, Wrong::TooLong),
        (&[MARK, 1, ESCAPE, 9, MARK], Wrong::Escape),
        (&[MARK, 1, ESCAPE, MARK], Wrong::Escape),
    ];
    for (hostile, why) in cases {
        let mut wire = hostile.to_vec();
        wire.extend(&sound);
        let frames = Cutter::default().take(&wire);
        assert_eq!(frames[0], Err(why));
        assert!(frames.last().is_some_and(Result::is_ok), "{why:?}");
    }
    let mut cutter = Cutter::default();
    assert_eq!(cutter.take(&[MARK, 1, 2]), vec![]);
    assert!(cutter.is_within());
}

proptest! {
    #[test]
    fn whatever_is_written_is_read_again_however_it_is_cut(
        (id, serial) in any::<(u16, u16)>(), digits in "[0-9]{12}", is_2019 in any::<bool>(),
        part in any::<Option<(u16, u16)>>(), body in vec(any::<u8>(), 0..=MAX_BODY),
        cut in 1_usize..200,
    ) {
        let terminal = if is_2019 { format!("00000000{digits}") } else { digits };
        let frame = Frame { id, serial, terminal, is_2019, part, body };
        let wire = frame.write();
        let mut cutter = Cutter::default();
        let read: Vec<_> = wire.chunks(cut).flat_map(|piece| cutter.take(piece)).collect();
        prop_assert_eq!(read, vec![Ok(frame)]);
        prop_assert!(!cutter.is_within());
    }

    #[test]
    fn nothing_that_comes_is_held_beyond_a_frame(wire in vec(prop_oneof![Just(MARK), Just(ESCAPE), any::<u8>()], 0..4_000)) {
        let mut cutter = Cutter::default();
        for frame in cutter.take(&wire).into_iter().flatten() {
            let _ = (position(&frame.body), positions(&frame.body));
        }
        prop_assert!(cutter.held.len() <= MAX_FRAME);
        let _ = (position(&wire), positions(&wire));
    }
}
