//! Settings of signing in: `[sign_in]` and one `[[oidc]]` for each outside identity provider.

use std::path::PathBuf;

use domain::account::SignInLimits;
use domain::time::Span;
use serde::Deserialize;

/// `[sign_in]`.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SignIn {
    /// A sign-in ends when unused for so long, in minutes.
    pub idle_minutes: u32,
    /// A sign-in ends after so long in any case, in hours.
    pub absolute_hours: u32,
    /// The cookie's secret is changed after so long, in minutes.
    pub rotate_minutes: u32,
    /// How long the secret before it still passes, in seconds.
    pub grace_seconds: u32,
    /// The shortest password allowed, in characters; at least 8.
    pub password_min_chars: usize,
    /// A file of passwords known from breaches, one a line.
    pub breached_passwords: Option<PathBuf>,
    /// How long a one-time link for a new person holds, in hours.
    pub link_hours: u32,
}

impl Default for SignIn {
    fn default() -> Self {
        let limits = SignInLimits::default();
        let whole = |secs: i64| u32::try_from(secs).unwrap_or_default();
        Self {
            idle_minutes: whole(limits.idle.as_secs() / 60),
            absolute_hours: whole(limits.absolute.as_secs() / 3600),
            rotate_minutes: whole(limits.rotate.as_secs() / 60),
            grace_seconds: whole(limits.grace.as_secs()),
            password_min_chars: 10,
            breached_passwords: None,
            link_hours: 72,
        }
    }
}

impl SignIn {
    /// As the rules take them; none is zero, which would lock everybody out.
    pub fn limits(&self) -> SignInLimits {
        SignInLimits {
            idle: Span::mins(i64::from(self.idle_minutes.max(1))),
            absolute: Span::hours(i64::from(self.absolute_hours.max(1))),
            rotate: Span::mins(i64::from(self.rotate_minutes.max(1))),
            grace: Span::secs(i64::from(self.grace_seconds.max(5))),
        }
    }
}

/// `[[oidc]]`.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Provider {
    /// Its name in addresses: letters, digits and `-`.
    pub name: String,
    /// What its button says.
    pub title: String,
    /// Its issuer, `https://…`.
    pub issuer: String,
    /// How this server is known there.
    pub client_id: String,
    /// The secret shared with it.
    #[serde(default)]
    pub client_secret: Option<String>,
    /// A file that holds the secret, instead.
    #[serde(default)]
    pub client_secret_file: Option<PathBuf>,
}

impl std::fmt::Debug for Provider {
    /// Without the secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Provider")
            .field("name", &self.name)
            .field("issuer", &self.issuer)
            .finish_non_exhaustive()
    }
}
