//! Photos, voice and papers that come with a report: checked by what they are, stripped of what they
//! tell about whoever made them, and kept under the hash of their content. Who may see one is decided
//! where it is asked for.

mod boxes;
mod kind;
mod strip;

use std::path::Path;

use bytes::Bytes;
use object_store::ObjectStoreExt as _;
use object_store::local::LocalFileSystem;
use object_store::path::Path as Key;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

pub use kind::{Kind, MAX_BYTES, MAX_PIXELS, MAX_SIDE, Unfit};

use crate::account::secret::hex;

/// The name of an attachment: the SHA-256 of what is kept, as 64 lower-case hexadecimal digits.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AttachmentId(String);

impl AttachmentId {
    /// Reads an id; nothing but 64 lower-case hexadecimal digits is one, so that an id is always
    /// safe as a name of a file.
    pub fn parse(text: &str) -> Option<Self> {
        domain::intake::is_attachment_id(text).then(|| Self(text.to_owned()))
    }

    /// The id of these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self(hex(&Sha256::digest(bytes)))
    }

    /// The digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Where the content is kept; folders by the first two digits keep each small.
    fn key(&self) -> Key {
        Key::from(format!("{}/{}", &self.0[..2], self.0))
    }

    /// Where what is known about it is kept.
    fn note_key(&self) -> Key {
        Key::from(format!("{}/{}.json", &self.0[..2], self.0))
    }
}

impl TryFrom<String> for AttachmentId {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text).ok_or_else(|| "an attachment's id is 64 hexadecimal digits".to_owned())
    }
}

impl From<AttachmentId> for String {
    fn from(id: AttachmentId) -> Self {
        id.0
    }
}

/// What is known about an attachment besides its content.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Note {
    /// What it is.
    pub kind: Kind,
    /// Its length.
    pub bytes: u64,
    /// Who brought it last; they may look at it before a report names it.
    pub by: String,
    /// When, in milliseconds since 1970.
    pub at_ms: i64,
}

/// What was wrong with keeping or finding one.
#[derive(Debug, thiserror::Error)]
pub enum AttachmentError {
    /// It is not something we keep.
    #[error(transparent)]
    Unfit(#[from] Unfit),
    /// The store failed.
    #[error("the attachments' store: {0}")]
    Store(#[from] object_store::Error),
    /// What was noted about one can't be read.
    #[error("an attachment's note: {0}")]
    Note(#[from] serde_json::Error),
}

/// Where attachments are kept.
#[derive(Debug)]
pub struct Attachments {
    store: LocalFileSystem,
}

impl Attachments {
    /// Opens the store that `place` names: `file:PATH`. The folder is made if it is not there.
    ///
    /// # Errors
    /// Another kind of store, or a folder that can't be made.
    pub fn open(place: &str) -> anyhow::Result<Self> {
        let Some(folder) = place.strip_prefix("file:") else {
            anyhow::bail!("attachments = {place:?} is not understood; write file:PATH");
        };
        let folder = Path::new(folder);
        std::fs::create_dir_all(folder).map_err(|error| {
            anyhow::anyhow!(
                "the attachments' folder {} can't be made: {error}",
                folder.display()
            )
        })?;
        // What was answered with 201 is on the disk.
        let store = LocalFileSystem::new_with_prefix(folder)?.with_fsync(true);
        Ok(Self { store })
    }

    /// Checks what was sent, strips it and keeps it.
    ///
    /// # Errors
    /// [`AttachmentError::Unfit`] when it is nothing we keep; the store's own.
    pub async fn put(
        &self,
        sent: Bytes,
        by: &str,
        at_ms: i64,
    ) -> Result<(AttachmentId, Note), AttachmentError> {
        // Some tens of milliseconds for a large one: not on a thread that others wait for.
        let examined = tokio::task::spawn_blocking(move || {
            let (kind, kept) = examine(sent)?;
            Ok::<_, Unfit>((kind, AttachmentId::of(&kept), kept))
        });
        let (kind, id, kept) = examined.await.unwrap_or(Err(Unfit::Broken))?;
        let note = Note {
            kind,
            bytes: kept.len() as u64,
            by: by.to_owned(),
            at_ms,
        };
        // The note last: what has one is whole.
        self.store.put(&id.key(), kept.into()).await?;
        let text = serde_json::to_vec(&note)?;
        self.store.put(&id.note_key(), text.into()).await?;
        Ok((id, note))
    }

    /// What is known about one; none when there is no such.
    ///
    /// # Errors
    /// The store's own.
    pub async fn note(&self, id: &AttachmentId) -> Result<Option<Note>, AttachmentError> {
        let Some(text) = self.read(&id.note_key()).await? else {
            return Ok(None);
        };
        Ok(Some(serde_json::from_slice(&text)?))
    }

    /// The content; none when there is no such.
    ///
    /// # Errors
    /// The store's own.
    pub async fn content(&self, id: &AttachmentId) -> Result<Option<Bytes>, AttachmentError> {
        self.read(&id.key()).await
    }

    async fn read(&self, key: &Key) -> Result<Option<Bytes>, AttachmentError> {
        match self.store.get(key).await {
            Ok(found) => Ok(Some(found.bytes().await?)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
}

/// What was sent, told by its content, and what of it is kept.
///
/// # Errors
/// Why it is not kept.
pub fn examine(sent: Bytes) -> Result<(Kind, Bytes), Unfit> {
    let kind = Kind::of(&sent)?;
    let kept = strip::strip(kind, sent)?;
    kind::check_bounds(kind, &kept)?;
    Ok((kind, kept))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_64_hexadecimal_digits_are_an_id() {
        let good = "0123456789abcdef".repeat(4);
        assert!(AttachmentId::parse(&good).is_some());
        let long = format!("{good}0");
        let upper = good.to_uppercase();
        let climbing = format!("../{}", &good[3..]);
        let full_width = "０".repeat(64);
        for bad in [
            "",
            "../etc/passwd",
            &good[1..],
            &long,
            &upper,
            &climbing,
            &full_width,
        ] {
            assert!(AttachmentId::parse(bad).is_none(), "{bad}");
        }
    }

    #[tokio::test]
    async fn what_is_kept_is_found_under_its_hash() {
        let folder = std::env::temp_dir().join(format!("gridlamp-att-{}", std::process::id()));
        let store = Attachments::open(&format!("file:{}", folder.display())).expect("store");
        let pdf = Bytes::from_static(b"%PDF-1.7\n%%EOF\n");
        let (id, note) = store.put(pdf.clone(), "someone", 7).await.expect("kept");
        assert_eq!(id, AttachmentId::of(&pdf));
        assert_eq!((note.kind, note.bytes), (Kind::Pdf, pdf.len() as u64));
        assert_eq!(store.note(&id).await.expect("note"), Some(note));
        assert_eq!(store.content(&id).await.expect("content"), Some(pdf));
        let other = AttachmentId::of(b"nothing");
        assert_eq!(store.content(&other).await.expect("answer"), None);
        assert!(
            store
                .put(Bytes::from_static(b"<html>"), "x", 7)
                .await
                .is_err()
        );
        std::fs::remove_dir_all(folder).ok();
    }

    #[test]
    fn another_kind_of_store_is_told_by_name() {
        let error = Attachments::open("s3://bucket").expect_err("not here");
        assert!(error.to_string().contains("file:PATH"));
    }
}
