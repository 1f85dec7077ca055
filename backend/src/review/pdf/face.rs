//! The one face of the paper: how wide text is, which glyph each character has, and where a line
//! may end. Chinese needs no shaping; each character is one glyph.

use std::io::Read;
use std::sync::OnceLock;

use anyhow::Context;
use krilla::text::{Font, GlyphId, KrillaGlyph};
use skrifa::charmap::Charmap;
use skrifa::instance::{LocationRef, Size};
use skrifa::metrics::GlyphMetrics;
use skrifa::{FontRef, MetadataProvider};

use crate::dist::Dist;

/// Where it lies among the app's files; in a released app as `.br` alone.
const FILE: &str = "paper/NotoSansSC-Regular.ttf";
/// Largest font read, in bytes, unpacked.
const MAX_BYTES: u64 = 64 * 1024 * 1024;

/// What does not stand at the beginning of a line.
const CLOSING: &str = "，。、；：！？）】》”’」』%,.;:!?)]}·…";
/// What does not stand at the end of one.
const OPENING: &str = "（【《“‘「『([{";

/// A face that text is measured and set with.
pub struct Face {
    font: Font,
    charmap: Charmap<'static>,
    metrics: GlyphMetrics<'static>,
}

impl Face {
    /// The face of the app; unpacked once for as long as the program runs.
    ///
    /// # Errors
    /// The app was built without it, or it can't be read.
    pub fn load() -> anyhow::Result<Self> {
        static BYTES: OnceLock<Vec<u8>> = OnceLock::new();
        let bytes = if let Some(bytes) = BYTES.get() {
            bytes
        } else {
            let read = unpacked()?;
            BYTES.get_or_init(|| read)
        };
        let reader = FontRef::new(bytes)?;
        Ok(Self {
            font: Font::new(bytes.as_slice().into(), 0).context("the font can't be read")?,
            charmap: reader.charmap(),
            metrics: reader.glyph_metrics(Size::new(1.0), LocationRef::default()),
        })
    }

    pub(super) fn font(&self) -> Font {
        self.font.clone()
    }

    /// The width of a line, in the unit of `size`.
    pub fn width(&self, text: &str, size: f32) -> f32 {
        text.chars().map(|c| self.advance(c)).sum::<f32>() * size
    }

    fn advance(&self, c: char) -> f32 {
        let glyph = self.charmap.map(c).unwrap_or_default();
        self.metrics.advance_width(glyph).unwrap_or(1.0)
    }

    /// The glyphs of a line; a character without one is a box.
    pub(super) fn glyphs(&self, text: &str) -> Vec<KrillaGlyph> {
        let glyphs = text.char_indices().map(|(at, c)| {
            let glyph = self.charmap.map(c).unwrap_or_default();
            let id = GlyphId::new(glyph.to_u32());
            let range = at..at + c.len_utf8();
            KrillaGlyph::new(id, self.advance(c), 0.0, 0.0, 0.0, range, None)
        });
        glyphs.collect()
    }

    /// Text in lines no wider than `width`, broken where Chinese and English may be.
    pub fn lines(&self, text: &str, size: f32, width: f32) -> Vec<String> {
        let mut lines = Vec::new();
        for paragraph in text.lines() {
            self.break_paragraph(paragraph, size, width, &mut lines);
        }
        if lines.is_empty() {
            lines.push(String::new());
        }
        lines
    }

    fn break_paragraph(&self, text: &str, size: f32, width: f32, lines: &mut Vec<String>) {
        let mut line = String::new();
        let mut filled = 0.0;
        for piece in pieces(text) {
            let wide = self.width(piece, size);
            let bare = self.width(piece.trim_end(), size);
            if filled + bare > width && !line.is_empty() {
                lines.push(std::mem::take(&mut line).trim_end().to_owned());
                filled = 0.0;
            }
            if bare <= width {
                line.push_str(piece);
                filled += wide;
                continue;
            }
            // Longer than a whole line: anywhere.
            for c in piece.chars() {
                let wide = self.advance(c) * size;
                if filled + wide > width && !line.is_empty() {
                    lines.push(std::mem::take(&mut line));
                    filled = 0.0;
                }
                line.push(c);
                filled += wide;
            }
        }
        lines.push(line.trim_end().to_owned());
    }

    /// Text cut to a width, with dots where it was cut.
    pub fn clipped(&self, text: &str, size: f32, width: f32) -> String {
        if self.width(text, size) <= width {
            return text.to_owned();
        }
        let mut kept = String::new();
        let mut filled = self.advance('…') * size;
        for c in text.chars() {
            filled += self.advance(c) * size;
            if filled > width {
                break;
            }
            kept.push(c);
        }
        kept.push('…');
        kept
    }
}

/// The font as it lies in the app, unpacked.
fn unpacked() -> anyhow::Result<Vec<u8>> {
    if let Some(plain) = Dist::get(FILE) {
        return Ok(plain.data.into_owned());
    }
    let packed = Dist::get(&format!("{FILE}.br")).context("the app holds no font for paper")?;
    let mut bytes = Vec::new();
    let reader = brotli::Decompressor::new(packed.data.as_ref(), 64 * 1024);
    reader.take(MAX_BYTES).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The pieces of a text between which a line may end.
fn pieces(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut begin = 0;
    let mut before: Option<char> = None;
    for (at, c) in text.char_indices() {
        if let Some(before) = before.filter(|before| may_break(*before, c)) {
            debug_assert!(!before.is_control() || at > begin);
            pieces.push(&text[begin..at]);
            begin = at;
        }
        before = Some(c);
    }
    if begin < text.len() {
        pieces.push(&text[begin..]);
    }
    pieces
}

fn may_break(before: char, after: char) -> bool {
    if after == ' ' || CLOSING.contains(after) || OPENING.contains(before) {
        return false;
    }
    let is_wide = |c: char| c >= '\u{2e80}';
    before == ' ' || is_wide(before) || is_wide(after)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_ends_where_it_may() {
        let text = "用时 40 秒，到场（含报到）GPS fix";
        assert_eq!(pieces(text).concat(), text);
        let expected = [
            "用", "时 ", "40 ", "秒，", "到", "场", "（含", "报", "到）", "GPS ", "fix",
        ];
        assert_eq!(pieces(text), expected);
        assert!(pieces("").is_empty());
    }
}
