//! Secrets and what is kept of them: random bytes, hashes, comparisons that take the same time
//! whatever is compared, and sealing. Whom a secret belongs to is not known here.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{ChaCha20Poly1305, Key, Nonce};
use hmac::{Hmac, KeyInit as _, Mac};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// Bytes of a secret that nobody can guess: 256 bits.
const SECRET_BYTES: usize = 32;
/// Bytes of the mark that shows a cookie's secret to be one of ours.
const MARK_BYTES: usize = 16;
/// Bytes of a nonce of ChaCha20-Poly1305.
const NONCE_BYTES: usize = 12;

/// The system gives no random bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the system gives no random bytes; nothing secret can be made before it does")]
pub struct NoRandomness;

/// Random bytes.
///
/// # Errors
/// The system has none to give.
pub fn random<const N: usize>() -> Result<[u8; N], NoRandomness> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| NoRandomness)?;
    Ok(bytes)
}

/// A new id, 16 hexadecimal digits; no secret.
///
/// # Errors
/// The system gives no random bytes.
pub fn new_id() -> Result<String, NoRandomness> {
    Ok(hex(&random::<8>()?))
}

/// A new secret of 256 bits, as text for a link or a token.
///
/// # Errors
/// The system gives no random bytes.
pub fn new_secret() -> Result<String, NoRandomness> {
    Ok(BASE64.encode(random::<SECRET_BYTES>()?))
}

/// What is kept of a secret. A fast hash is enough: there is nothing to guess in 256 random bits.
pub fn hash(secret: &str) -> String {
    hex(&Sha256::digest(secret.as_bytes()))
}

/// Whether this is the secret of that hash, in the same time whatever the answer.
pub fn matches(secret: &str, kept: &str) -> bool {
    hash(secret).as_bytes().ct_eq(kept.as_bytes()).into()
}

/// Bytes as lower-case hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut out, byte| {
            let _ = write!(out, "{byte:02x}");
            out
        })
}

/// A key for one purpose, so that what is made with one proves nothing of another.
pub fn key(log_secret: &[u8; 32], purpose: &str) -> [u8; 32] {
    mac(log_secret, &[purpose.as_bytes()])
}

/// HMAC-SHA-256 of parts, each led by its length.
pub fn mac(key: &[u8; 32], parts: &[&[u8]]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key)
        .unwrap_or_else(|_| unreachable!("HMAC takes a key of any length"));
    for part in parts {
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

/// A cookie's secret: random, with a mark that it was made here for this holder. The mark opens
/// nothing; it tells a secret that was changed since (somebody has a copy) from a mere guess.
///
/// # Errors
/// The system gives no random bytes.
pub fn new_marked(log_secret: &[u8; 32], holder: &str) -> Result<String, NoRandomness> {
    let mut bytes = random::<{ SECRET_BYTES + MARK_BYTES }>()?;
    let (random, mark) = bytes.split_at_mut(SECRET_BYTES);
    mark.copy_from_slice(&mark_of(log_secret, holder, random));
    Ok(BASE64.encode(bytes))
}

/// Whether this secret was ever made here for this holder.
pub fn is_marked(log_secret: &[u8; 32], holder: &str, secret: &str) -> bool {
    let Ok(bytes) = BASE64.decode(secret) else {
        return false;
    };
    if bytes.len() != SECRET_BYTES + MARK_BYTES {
        return false;
    }
    let (random, mark) = bytes.split_at(SECRET_BYTES);
    mark_of(log_secret, holder, random).ct_eq(mark).into()
}

fn mark_of(log_secret: &[u8; 32], holder: &str, random: &[u8]) -> [u8; MARK_BYTES] {
    let full = mac(&key(log_secret, "cookie"), &[holder.as_bytes(), random]);
    let mut mark = [0; MARK_BYTES];
    mark.copy_from_slice(&full[..MARK_BYTES]);
    mark
}

/// Encrypts what is kept at rest, bound to whom it belongs to.
///
/// # Errors
/// The system gives no random bytes.
pub fn seal(key: &[u8; 32], owner: &str, plain: &[u8]) -> Result<String, NoRandomness> {
    let nonce = random::<NONCE_BYTES>()?;
    let payload = Payload {
        msg: plain,
        aad: owner.as_bytes(),
    };
    let sealed = ChaCha20Poly1305::new(&Key::from(*key))
        .encrypt(&Nonce::from(nonce), payload)
        .map_err(|_| NoRandomness)?;
    Ok(BASE64.encode([&nonce[..], &sealed].concat()))
}

/// Decrypts what [`seal`] made for this owner.
pub fn unseal(key: &[u8; 32], owner: &str, text: &str) -> Option<Vec<u8>> {
    let bytes = BASE64.decode(text).ok()?;
    let (nonce, sealed) = bytes.split_first_chunk::<NONCE_BYTES>()?;
    let payload = Payload {
        msg: sealed,
        aad: owner.as_bytes(),
    };
    ChaCha20Poly1305::new(&Key::from(*key))
        .decrypt(&Nonce::from(*nonce), payload)
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_known_by_its_hash_and_a_cookie_by_its_mark() {
        let ours = [7; 32];
        let secret = new_marked(&ours, "s.1").expect("secret");
        assert!(matches(&secret, &hash(&secret)));
        assert!(!matches("other", &hash(&secret)));
        assert!(is_marked(&ours, "s.1", &secret));
        assert!(!is_marked(&ours, "s.2", &secret));
        assert!(!is_marked(&[8; 32], "s.1", &secret));
        assert!(!is_marked(&ours, "s.1", &new_secret().expect("secret")));
        assert!(!is_marked(&ours, "s.1", "%"));
    }

    #[test]
    fn what_is_sealed_opens_for_its_owner_alone() {
        let key = key(&[7; 32], "totp");
        let sealed = seal(&key, "zhang", b"secret").expect("sealed");
        assert_eq!(
            unseal(&key, "zhang", &sealed).as_deref(),
            Some(&b"secret"[..])
        );
        assert_eq!(unseal(&key, "li", &sealed), None);
        assert_eq!(unseal(&[0; 32], "zhang", &sealed), None);
        assert_eq!(unseal(&key, "zhang", "AAAA"), None);
        assert_ne!(sealed, seal(&key, "zhang", b"secret").expect("sealed"));
    }
}
