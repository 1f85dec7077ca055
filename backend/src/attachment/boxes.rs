//! MP4 and M4A are boxes in boxes. Those that hold remarks (where it was filmed, by what device) are
//! emptied in place: nothing moves, so that what points into the file still points right.

use super::kind::Unfit;

/// A box's head: its length and its name.
const HEAD_BYTES: usize = 8;
/// The head of a box whose length takes eight bytes.
const LONG_HEAD_BYTES: usize = 16;
/// How deep remarks are looked for: film, track, media, its information, its table.
const MAX_DEPTH: u8 = 5;

/// One box: where it begins, where its content does, and where it ends.
struct Found {
    name: [u8; 4],
    start: usize,
    content: usize,
    end: usize,
}

/// Empties every box of remarks in `bytes`.
pub(super) fn empty_remarks(bytes: &mut [u8]) -> Result<(), Unfit> {
    let end = bytes.len();
    walk(bytes, 0, end, MAX_DEPTH)
}

fn walk(bytes: &mut [u8], from: usize, to: usize, depth: u8) -> Result<(), Unfit> {
    let mut at = from;
    while at < to {
        let found = next(bytes, at, to)?;
        match &found.name {
            // `uuid` is where XMP and makers' own remarks go.
            b"udta" | b"meta" | b"uuid" | b"free" | b"skip" => empty(bytes, &found),
            b"moov" | b"trak" | b"mdia" | b"minf" | b"moof" | b"traf" if depth > 0 => {
                walk(bytes, found.content, found.end, depth - 1)?;
            }
            _ => {}
        }
        at = found.end;
    }
    Ok(())
}

fn next(bytes: &[u8], start: usize, to: usize) -> Result<Found, Unfit> {
    let head = bytes.get(start..start + HEAD_BYTES).ok_or(Unfit::Broken)?;
    let short = u32::from_be_bytes([head[0], head[1], head[2], head[3]]);
    let name = [head[4], head[5], head[6], head[7]];
    let (content, length) = match short {
        // To the end of the file.
        0 => (start + HEAD_BYTES, to - start),
        1 => {
            let long = bytes
                .get(start + HEAD_BYTES..start + LONG_HEAD_BYTES)
                .and_then(|long| long.try_into().ok())
                .map(u64::from_be_bytes)
                .ok_or(Unfit::Broken)?;
            let length = usize::try_from(long).map_err(|_| Unfit::Broken)?;
            (start + LONG_HEAD_BYTES, length)
        }
        short => (start + HEAD_BYTES, short as usize),
    };
    let end = start.checked_add(length).ok_or(Unfit::Broken)?;
    if content > end || end > to {
        return Err(Unfit::Broken);
    }
    Ok(Found {
        name,
        start,
        content,
        end,
    })
}

fn empty(bytes: &mut [u8], found: &Found) {
    bytes[found.start + 4..found.start + HEAD_BYTES].copy_from_slice(b"free");
    bytes[found.content..found.end].fill(0);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn boxed(name: [u8; 4], content: &[u8]) -> Vec<u8> {
        let length = (HEAD_BYTES + content.len()) as u32;
        [&length.to_be_bytes()[..], &name, content].concat()
    }

    #[test]
    fn where_it_was_filmed_is_emptied_and_nothing_moves() {
        let place = boxed(*b"\xa9xyz", b"+30.27+120.15/");
        let film = boxed(
            *b"moov",
            &[
                boxed(*b"mvhd", b"head"),
                boxed(*b"trak", &boxed(*b"udta", &place)),
                boxed(*b"udta", &place),
                boxed(*b"meta", b"com.apple.quicktime.location.ISO6709"),
            ]
            .concat(),
        );
        let mut file = [boxed(*b"ftyp", b"isom"), film, boxed(*b"mdat", b"pictures")].concat();
        let before = file.clone();
        empty_remarks(&mut file).expect("whole");
        assert_eq!(file.len(), before.len());
        let has = |what: &[u8]| file.windows(what.len()).any(|window| window == what);
        assert!(!has(b"+30.27") && !has(b"location"));
        assert!(has(b"head") && has(b"pictures"));
    }

    #[test]
    fn boxes_that_do_not_fit_are_broken() {
        let mut cut = boxed(*b"ftyp", b"isom");
        cut.truncate(10);
        assert_eq!(empty_remarks(&mut cut), Err(Unfit::Broken));
        let mut short = b"\0\0\0\x04ftyp".to_vec();
        assert_eq!(empty_remarks(&mut short), Err(Unfit::Broken));
        let mut huge = b"\0\0\0\x01ftyp\xff\xff\xff\xff\xff\xff\xff\xff".to_vec();
        assert_eq!(empty_remarks(&mut huge), Err(Unfit::Broken));
        assert_eq!(empty_remarks(&mut []), Ok(()));
    }
}
