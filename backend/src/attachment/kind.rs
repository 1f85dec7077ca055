//! What an attachment is, told by its first bytes and never by what its sender says; and how large it
//! may be. What is kept of it is `strip`'s.

use serde::{Deserialize, Serialize};

/// The most bytes of one attachment: a photo of a good telephone, a minute or two of voice.
pub const MAX_BYTES: usize = 12 * 1024 * 1024;
/// The longest side of a picture, in pixels.
pub const MAX_SIDE: usize = 16_384;
/// The most pixels of a picture: what one decodes to is a danger to whoever opens it.
pub const MAX_PIXELS: usize = 64_000_000;

/// What may be kept.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A photo.
    Jpeg,
    /// A picture of a screen.
    Png,
    /// A photo.
    Webp,
    /// Voice, as Apple's devices record it.
    M4a,
    /// Voice.
    Mp3,
    /// Voice.
    Ogg,
    /// Voice or a short film, as browsers record them.
    Webm,
    /// A short film.
    Mp4,
    /// A paper.
    Pdf,
}

/// Why something is not kept.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Unfit {
    /// Nothing was sent.
    #[error("there is nothing in it")]
    Empty,
    /// Over [`MAX_BYTES`].
    #[error("it is over 12 MiB")]
    TooLong,
    /// Not of a kind that is kept.
    #[error("it is none of JPEG, PNG, WebP, M4A, MP3, OGG, WebM, MP4 and PDF")]
    Unknown,
    /// It begins as its kind should and goes on otherwise.
    #[error("it is broken or cut off")]
    Broken,
    /// Over [`MAX_SIDE`] or [`MAX_PIXELS`].
    #[error("the picture has too many pixels")]
    TooLarge,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 9] = [
        Self::Jpeg,
        Self::Png,
        Self::Webp,
        Self::M4a,
        Self::Mp3,
        Self::Ogg,
        Self::Webm,
        Self::Mp4,
        Self::Pdf,
    ];

    /// What `bytes` are.
    ///
    /// # Errors
    /// Nothing, too much, or no kind that is kept.
    pub fn of(bytes: &[u8]) -> Result<Self, Unfit> {
        if bytes.is_empty() {
            return Err(Unfit::Empty);
        }
        if bytes.len() > MAX_BYTES {
            return Err(Unfit::TooLong);
        }
        let found = infer::get(bytes).ok_or(Unfit::Unknown)?;
        match found.mime_type() {
            "image/jpeg" => Ok(Self::Jpeg),
            "image/png" => Ok(Self::Png),
            "image/webp" => Ok(Self::Webp),
            "audio/m4a" if bytes.get(4..8) == Some(b"ftyp") => Ok(Self::M4a),
            "audio/mpeg" => Ok(Self::Mp3),
            "audio/ogg" | "audio/opus" => Ok(Self::Ogg),
            "video/webm" => Ok(Self::Webm),
            "video/mp4" => Ok(Self::Mp4),
            "application/pdf" => Ok(Self::Pdf),
            _ => Err(Unfit::Unknown),
        }
    }

    /// As HTTP calls it.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Webp => "image/webp",
            Self::M4a => "audio/mp4",
            Self::Mp3 => "audio/mpeg",
            Self::Ogg => "audio/ogg",
            Self::Webm => "video/webm",
            Self::Mp4 => "video/mp4",
            Self::Pdf => "application/pdf",
        }
    }

    /// The end of a file's name.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Jpeg => "jpg",
            Self::Png => "png",
            Self::Webp => "webp",
            Self::M4a => "m4a",
            Self::Mp3 => "mp3",
            Self::Ogg => "ogg",
            Self::Webm => "webm",
            Self::Mp4 => "mp4",
            Self::Pdf => "pdf",
        }
    }

    /// Whether it is a still picture.
    pub fn is_picture(self) -> bool {
        matches!(self, Self::Jpeg | Self::Png | Self::Webp)
    }
}

/// Refuses a picture with too many pixels, by its head alone: nothing is decoded here.
pub(super) fn check_bounds(kind: Kind, bytes: &[u8]) -> Result<(), Unfit> {
    if !kind.is_picture() {
        return Ok(());
    }
    let size = imagesize::blob_size(bytes).map_err(|_| Unfit::Broken)?;
    let pixels = size.width.saturating_mul(size.height);
    if pixels == 0 {
        return Err(Unfit::Broken);
    }
    if size.width > MAX_SIDE || size.height > MAX_SIDE || pixels > MAX_PIXELS {
        return Err(Unfit::TooLarge);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_it_is_is_told_by_its_content() {
        let kind = |bytes: &[u8]| Kind::of(bytes);
        assert_eq!(kind(b"\xff\xd8\xff\xe0 rest"), Ok(Kind::Jpeg));
        assert_eq!(kind(b"\x89PNG\r\n\x1a\n rest"), Ok(Kind::Png));
        assert_eq!(kind(b"RIFF\x04\0\0\0WEBPVP8 "), Ok(Kind::Webp));
        assert_eq!(kind(b"\0\0\0\x20ftypM4A \0\0\0\0"), Ok(Kind::M4a));
        assert_eq!(kind(b"\0\0\0\x20ftypisom\0\0\0\0"), Ok(Kind::Mp4));
        assert_eq!(kind(b"ID3\x04 rest of it"), Ok(Kind::Mp3));
        assert_eq!(kind(b"OggS\0 rest of it"), Ok(Kind::Ogg));
        let mut webm = b"\x1a\x45\xdf\xa3\x9f\x42\x82\x84webm".to_vec();
        webm.resize(300, 0);
        assert_eq!(kind(&webm), Ok(Kind::Webm));
        assert_eq!(kind(b"%PDF-1.4\n"), Ok(Kind::Pdf));
    }

    #[test]
    fn what_can_act_is_refused_whatever_it_is_called() {
        for bytes in [
            &b"<!doctype html><script>"[..],
            b"<svg xmlns=\"http://www.w3.org/2000/svg\">",
            b"MZ\x90\0\x03",
            b"PK\x03\x04",
            b"#!/bin/sh\n",
            b"\x7fELF\x02",
            b"GIF89a",
            b"\x1a\x45\xdf\xa3\x9f\x42\x82\x88matroska",
            b"text",
        ] {
            assert_eq!(Kind::of(bytes), Err(Unfit::Unknown), "{bytes:?}");
        }
        assert_eq!(Kind::of(b""), Err(Unfit::Empty));
        assert_eq!(Kind::of(&vec![0; MAX_BYTES + 1]), Err(Unfit::TooLong));
    }
}
