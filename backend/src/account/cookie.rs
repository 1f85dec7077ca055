//! The cookie of a signed-in person or a paired wall: `s.ID.SECRET` or `w.ID.SECRET`, and the
//! header that sets it. Whether it still holds is the directory's matter.

use axum::http::HeaderValue;
use domain::time::Span;

use super::Identity;

/// Its name over plain HTTP.
const NAME: &str = "gridlamp_session";
/// Its name over HTTPS: a browser takes it only from this very host, and only secured.
const HOST_NAME: &str = "__Host-gridlamp_session";
/// The longest that a browser keeps any cookie.
pub const LONGEST: Span = Span::days(400);
/// Longest value read.
const MAX_LEN: usize = 256;

/// A cookie that was shown.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Shown {
    /// Whose it says it is.
    pub identity: Identity,
    /// The secret that should prove it.
    pub secret: String,
}

/// The name a cookie goes by.
pub fn name(is_secure: bool) -> &'static str {
    if is_secure { HOST_NAME } else { NAME }
}

/// What its secret is bound to: kind and id.
pub fn holder(identity: &Identity) -> Option<String> {
    match identity {
        Identity::SignIn(id) => Some(format!("s.{id}")),
        Identity::Screen(id) => Some(format!("w.{id}")),
        Identity::Token(_) => None,
    }
}

/// Reads a cookie's value.
pub fn read(value: &str) -> Option<Shown> {
    if value.len() > MAX_LEN {
        return None;
    }
    let mut parts = value.splitn(3, '.');
    let (kind, id, secret) = (parts.next()?, parts.next()?, parts.next()?);
    let id = id.to_owned();
    let identity = match kind {
        "s" => Identity::SignIn(id),
        "w" => Identity::Screen(id),
        _ => return None,
    };
    Some(Shown {
        identity,
        secret: secret.to_owned(),
    })
}

/// The header that sets a cookie for `span`.
pub fn set(identity: &Identity, secret: &str, span: Span, is_secure: bool) -> Option<HeaderValue> {
    let holder = holder(identity)?;
    let age = span.as_secs();
    header(&format!("{holder}.{secret}"), age, is_secure)
}

/// The header that takes the cookie away.
pub fn clear(is_secure: bool) -> Option<HeaderValue> {
    header("", 0, is_secure)
}

fn header(value: &str, max_age: i64, is_secure: bool) -> Option<HeaderValue> {
    let secure = if is_secure { "; Secure" } else { "" };
    let name = name(is_secure);
    let text =
        format!("{name}={value}; Path=/; HttpOnly; SameSite=Strict; Max-Age={max_age}{secure}");
    HeaderValue::from_str(&text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_reads_back_and_is_kept_from_scripts_and_other_sites() {
        let identity = Identity::SignIn("0a".to_owned());
        let header = set(&identity, "x-_y", Span::hours(1), true).expect("header");
        let text = header.to_str().expect("text");
        assert_eq!(
            text,
            "__Host-gridlamp_session=s.0a.x-_y; Path=/; HttpOnly; SameSite=Strict; Max-Age=3600; Secure"
        );
        let shown = read("s.0a.x-_y").expect("shown");
        assert_eq!((shown.identity, shown.secret.as_str()), (identity, "x-_y"));
        assert_eq!(read("t.0a.x"), None);
        assert_eq!(read("s.0a"), None);
        assert_eq!(read(&format!("s.0a.{}", "x".repeat(MAX_LEN))), None);
        let plain = clear(false).expect("header");
        assert!(
            plain
                .to_str()
                .expect("text")
                .starts_with("gridlamp_session=; ")
        );
    }
}
