use super::*;
use crate::attachment::examine;

/// A marker, its length and its content.
fn segment(marker: u8, content: &[u8]) -> Vec<u8> {
    let length = (content.len() + 2) as u16;
    [&[0xff, marker][..], &length.to_be_bytes(), content].concat()
}

/// EXIF with a place in it, and which way up.
fn exif(turned: u16) -> Vec<u8> {
    let mut tiff = b"Exif\0\0II\x2a\0\x08\0\0\0\x02\0".to_vec();
    tiff.extend_from_slice(b"\x12\x01\x03\0\x01\0\0\0");
    tiff.extend_from_slice(&turned.to_le_bytes());
    tiff.extend_from_slice(b"\0\0\x25\x88\x04\0\x01\0\0\0\x26\0\0\0\0\0\0\0GPS 30.27N 120.15E");
    tiff
}

/// A photo of 16 by 8 pixels, as far as its head goes, with all that a telephone adds.
fn photo(turned: u16) -> Vec<u8> {
    let frame = b"\x08\0\x08\0\x10\x01\x01\x11\0";
    [
        vec![0xff, 0xd8],
        segment(0xe0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0"),
        segment(0xe1, &exif(turned)),
        segment(0xe1, b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta/>"),
        segment(0xe2, b"ICC_PROFILE\0\x01\x01profile"),
        segment(0xe2, b"MPF\0second picture"),
        segment(0xed, b"Photoshop 3.0\0by somebody"),
        segment(0xfe, b"a remark"),
        segment(0xdb, &[1; 65]),
        segment(0xc0, frame),
        segment(0xc4, &[0; 19]),
        segment(0xda, b"\x01\x01\0\0\x3f\0"),
        b"coded\xff\0picture\xff\xd0more".to_vec(),
        segment(0xe5, b"hidden between scans"),
        segment(0xda, b"\x01\x01\0\0\x3f\0"),
        b"second scan".to_vec(),
        vec![0xff, 0xd9],
        b"a film and a GPS place behind the picture".to_vec(),
    ]
    .concat()
}

fn has(bytes: &[u8], what: &[u8]) -> bool {
    bytes.windows(what.len()).any(|window| window == what)
}

#[test]
fn a_photo_keeps_its_picture_and_which_way_up_and_loses_its_place() {
    let (kind, kept) = examine(Bytes::from(photo(6))).expect("a photo");
    assert_eq!(kind, Kind::Jpeg);
    for gone in [
        "GPS",
        "xmpmeta",
        "second picture",
        "somebody",
        "remark",
        "hidden",
        "a film",
    ] {
        assert!(!has(&kept, gone.as_bytes()), "{gone}");
    }
    for needed in [
        "JFIF",
        "ICC_PROFILE",
        "coded\0picture",
        "more",
        "second scan",
    ] {
        let needed: Vec<u8> = needed.split('\0').collect::<Vec<_>>().join("\u{0}").into();
        let needed = match needed.as_slice() {
            b"coded\0picture" => b"coded\xff\0picture".to_vec(),
            _ => needed,
        };
        assert!(has(&kept, &needed), "{needed:?}");
    }
    let again = Jpeg::from_bytes(kept.clone()).expect("still a photo");
    let turned: Vec<_> = again
        .segments_by_marker(markers::APP1)
        .filter_map(|s| orientation(s.contents().strip_prefix(EXIF)?))
        .collect();
    assert_eq!(turned, [6]);
    assert_eq!(&kept[kept.len() - 2..], [0xff, 0xd9]);
    // What is stripped once is not changed again.
    assert_eq!(examine(kept.clone()).expect("a photo").1, kept);
}

#[test]
fn a_photo_that_stands_upright_keeps_no_exif() {
    let (_, kept) = examine(Bytes::from(photo(1))).expect("a photo");
    assert!(!has(&kept, b"Exif"));
}

#[test]
fn a_photo_cut_off_is_broken() {
    let whole = photo(1);
    for length in (3..whole.len() - 60).step_by(7) {
        let cut = Bytes::from(whole[..length].to_vec());
        assert_eq!(strip(Kind::Jpeg, cut), Err(Unfit::Broken), "{length}");
    }
}

fn chunk(kind: [u8; 4], content: &[u8]) -> Vec<u8> {
    let chunk = img_parts::png::PngChunk::new(kind, Bytes::from(content.to_vec()));
    chunk.encoder().bytes().to_vec()
}

fn picture(width: u32, height: u32) -> Vec<u8> {
    let head = [
        &width.to_be_bytes()[..],
        &height.to_be_bytes(),
        &[8, 2, 0, 0, 0],
    ]
    .concat();
    [
        b"\x89PNG\r\n\x1a\n".to_vec(),
        chunk(*b"IHDR", &head),
        chunk(*b"tEXt", b"Author\0somebody"),
        chunk(*b"eXIf", b"GPS"),
        chunk(*b"tIME", b"\x07\xea\x0b\x17\0\0\0"),
        chunk(*b"IDAT", b"pixels"),
        chunk(*b"IEND", b""),
        b"hidden behind".to_vec(),
    ]
    .concat()
}

#[test]
fn a_picture_loses_texts_and_times() {
    let (kind, kept) = examine(Bytes::from(picture(4, 4))).expect("a picture");
    assert_eq!(kind, Kind::Png);
    for gone in ["somebody", "GPS", "tIME", "hidden"] {
        assert!(!has(&kept, gone.as_bytes()), "{gone}");
    }
    assert!(has(&kept, b"pixels"));
}

#[test]
fn a_picture_of_too_many_pixels_is_refused_by_its_head() {
    let refused = |w, h| examine(Bytes::from(picture(w, h))).expect_err("refused");
    assert_eq!(refused(60_000, 60_000), Unfit::TooLarge);
    assert_eq!(refused(16_000, 16_000), Unfit::TooLarge);
    assert_eq!(refused(17_000, 1), Unfit::TooLarge);
    assert_eq!(refused(0, 4), Unfit::Broken);
}

fn riff(id: [u8; 4], content: &[u8]) -> Vec<u8> {
    let pad = vec![0; content.len() % 2];
    [
        &id,
        &(content.len() as u32).to_le_bytes()[..],
        content,
        &pad,
    ]
    .concat()
}

#[test]
fn a_webp_loses_its_remarks_and_says_so() {
    let extended = riff(*b"VP8X", &[0b0000_1100, 0, 0, 0, 9, 0, 0, 9, 0, 0]);
    let lossless = riff(*b"VP8L", b"\x2f\x09\x40\x02\x10\x07");
    let chunks = [
        extended,
        lossless,
        riff(*b"EXIF", b"GPS place"),
        riff(*b"XMP ", b"somebody"),
        riff(*b"JUNK", b"hidden"),
    ]
    .concat();
    let file = riff(*b"RIFF", &[b"WEBP", &chunks[..]].concat());
    let (kind, kept) = examine(Bytes::from(file)).expect("a picture");
    assert_eq!(kind, Kind::Webp);
    for gone in ["GPS", "somebody", "hidden"] {
        assert!(!has(&kept, gone.as_bytes()), "{gone}");
    }
    let flags = kept
        .windows(4)
        .position(|w| w == b"VP8X")
        .expect("extended")
        + 8;
    assert_eq!(kept[flags] & WEBP_REMARKS, 0);
    let told = u32::from_le_bytes(kept[4..8].try_into().expect("four")) as usize;
    assert_eq!(told + 8, kept.len());
}
