//! Takes out of a file what tells about whoever made it: place, time, device, names, small pictures of
//! what was cut away. Parts that are needed to show it stay; everything not known to be needed goes.

use bytes::{Buf, Bytes, BytesMut};
use img_parts::jpeg::{Jpeg, JpegSegment, markers};
use img_parts::png::Png;
use img_parts::riff::RiffContent;
use img_parts::webp::WebP;

use super::boxes;
use super::kind::{Kind, Unfit};

/// The chunks a PNG is shown with; texts, times and EXIF are not among them.
const PNG_KEPT: [[u8; 4]; 17] = [
    *b"IHDR", *b"PLTE", *b"IDAT", *b"IEND", *b"tRNS", *b"gAMA", *b"cHRM", *b"sRGB", *b"iCCP",
    *b"cICP", *b"bKGD", *b"pHYs", *b"sBIT", *b"hIST", *b"acTL", *b"fcTL", *b"fdAT",
];
/// The chunks a WebP is shown with.
const WEBP_KEPT: [[u8; 4]; 7] = [
    *b"VP8X", *b"VP8 ", *b"VP8L", *b"ALPH", *b"ANIM", *b"ANMF", *b"ICCP",
];
/// In the first byte of `VP8X`: there is EXIF, there is XMP.
const WEBP_REMARKS: u8 = 0b0000_1100;
/// EXIF's tag for which way up a photo is.
const ORIENTATION: u16 = 0x0112;
/// A colour profile begins so; anything else in its kind of segment is not one.
const PROFILE: &[u8] = b"ICC_PROFILE\0";
/// EXIF begins so.
const EXIF: &[u8] = b"Exif\0\0";

/// `sent` without what tells about its maker.
pub(super) fn strip(kind: Kind, sent: Bytes) -> Result<Bytes, Unfit> {
    match kind {
        Kind::Jpeg => jpeg(sent),
        Kind::Png => png(sent),
        Kind::Webp => webp(sent),
        Kind::Mp4 | Kind::M4a => {
            let mut bytes = BytesMut::from(&sent[..]);
            boxes::empty_remarks(&mut bytes)?;
            Ok(bytes.freeze())
        }
        Kind::Mp3 | Kind::Ogg | Kind::Webm | Kind::Pdf => Ok(sent),
    }
}

fn jpeg(sent: Bytes) -> Result<Bytes, Unfit> {
    let mut photo = Jpeg::from_bytes(sent).map_err(|_| Unfit::Broken)?;
    let turned = photo
        .segments_by_marker(markers::APP1)
        .find_map(|segment| orientation(segment.contents().strip_prefix(EXIF)?));
    let segments = photo.segments_mut();
    // The last holds the picture itself, and whatever a device hung behind it.
    let scan = segments.pop().ok_or(Unfit::Broken)?;
    segments.retain(is_needed);
    if let Some(turned) = turned.filter(|turned| (2..=8).contains(turned)) {
        let place = segments.iter().take_while(|s| s.marker() == markers::APP0);
        let place = place.count();
        segments.insert(place, orientation_segment(turned));
    }
    let mut out = BytesMut::with_capacity(scan.len_with_entropy() + 1_024);
    out.extend_from_slice(&[markers::P, markers::SOI]);
    for segment in segments.drain(..) {
        append(&mut out, &segment);
    }
    let scan = scan.encoder().bytes();
    picture(&scan, &mut out)?;
    Ok(out.freeze())
}

fn append(out: &mut BytesMut, segment: &JpegSegment) {
    out.extend_from_slice(&segment.clone().encoder().bytes());
}

fn is_needed(segment: &JpegSegment) -> bool {
    match segment.marker() {
        // JFIF's and Adobe's say how colours are meant.
        markers::APP0 => segment.contents().starts_with(b"JFIF\0"),
        markers::APP14 => segment.contents().starts_with(b"Adobe"),
        markers::APP2 => segment.contents().starts_with(PROFILE),
        markers::COM => false,
        marker => !(markers::APP0..=markers::APP15).contains(&marker),
    }
}

/// Copies scans and tables up to the end of the picture; remarks between them, and second pictures
/// and films behind it, are left out.
fn picture(bytes: &[u8], out: &mut BytesMut) -> Result<(), Unfit> {
    let mut rest = bytes;
    loop {
        let [markers::P, marker, ..] = *rest else {
            return Err(Unfit::Broken);
        };
        if marker == markers::P {
            // A byte of padding before a marker.
            rest = &rest[1..];
            continue;
        }
        if marker == markers::EOI {
            out.extend_from_slice(&[markers::P, markers::EOI]);
            return Ok(());
        }
        let length = rest.get(2..4).ok_or(Unfit::Broken)?.get_u16() as usize;
        let head = rest.get(..2 + length).ok_or(Unfit::Broken)?;
        rest = &rest[head.len()..];
        let data = if marker == markers::SOS {
            coded(rest)
        } else {
            0
        };
        if marker != markers::COM && !(markers::APP0..=markers::APP15).contains(&marker) {
            out.extend_from_slice(head);
            out.extend_from_slice(&rest[..data]);
        }
        rest = &rest[data..];
    }
}

/// How much of `bytes` is coded picture: up to a marker other than a restart or an escaped byte.
fn coded(bytes: &[u8]) -> usize {
    let is_marker = |pair: &[u8]| pair[0] == markers::P && !matches!(pair[1], 0 | 0xd0..=0xd7);
    bytes.windows(2).position(is_marker).unwrap_or(bytes.len())
}

/// Which way up, from the first directory of EXIF's TIFF.
fn orientation(tiff: &[u8]) -> Option<u16> {
    let little = match tiff.get(..4)? {
        b"II\x2a\0" => true,
        b"MM\0\x2a" => false,
        _ => return None,
    };
    let two = |at: usize| {
        let pair = tiff.get(at..at.checked_add(2)?)?.try_into().ok()?;
        Some(if little {
            u16::from_le_bytes(pair)
        } else {
            u16::from_be_bytes(pair)
        })
    };
    let four = tiff.get(4..8)?.try_into().ok()?;
    let directory = if little {
        u32::from_le_bytes(four)
    } else {
        u32::from_be_bytes(four)
    } as usize;
    let entries = two(directory)? as usize;
    (0..entries)
        .map_while(|index| directory.checked_add(2 + index * 12))
        .find(|at| two(*at) == Some(ORIENTATION))
        .and_then(|at| two(at.checked_add(8)?))
}

/// EXIF that says which way up, and nothing else.
fn orientation_segment(turned: u16) -> JpegSegment {
    let mut tiff = EXIF.to_vec();
    tiff.extend_from_slice(b"MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01");
    tiff.extend_from_slice(&turned.to_be_bytes());
    tiff.extend_from_slice(&[0; 6]);
    JpegSegment::new_with_contents(markers::APP1, Bytes::from(tiff))
}

fn png(sent: Bytes) -> Result<Bytes, Unfit> {
    let mut picture = Png::from_bytes(sent).map_err(|_| Unfit::Broken)?;
    let chunks = picture.chunks_mut();
    chunks.retain(|chunk| PNG_KEPT.contains(&chunk.kind()));
    let whole = chunks.first().is_some_and(|chunk| chunk.kind() == *b"IHDR")
        && chunks.last().is_some_and(|chunk| chunk.kind() == *b"IEND");
    if !whole {
        return Err(Unfit::Broken);
    }
    Ok(picture.encoder().bytes())
}

fn webp(sent: Bytes) -> Result<Bytes, Unfit> {
    let mut picture = WebP::from_bytes(sent).map_err(|_| Unfit::Broken)?;
    picture
        .chunks_mut()
        .retain(|chunk| WEBP_KEPT.contains(&chunk.id()));
    for chunk in picture.chunks_mut().iter_mut() {
        if chunk.id() == *b"VP8X"
            && let RiffContent::Data(data) = chunk.content_mut()
            && !data.is_empty()
        {
            let mut flags = BytesMut::from(&data[..]);
            flags[0] &= !WEBP_REMARKS;
            *data = flags.freeze();
        }
    }
    Ok(picture.encoder().bytes())
}

#[cfg(test)]
mod tests;
