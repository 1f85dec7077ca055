//! Bearer tokens: `glt_ID_SECRET`, shown once, kept as a hash. The id finds it, the secret proves
//! it; a leaked one is recognised by its beginning.

use domain::account::Token;
use domain::account::command::AccountCommand;
use domain::actor::{Actor, Role};
use domain::time::Timestamp;
use geodata::region::Code;

use super::secret::{self, NoRandomness};
use super::{Book, Failure, Rules};
use crate::log::{EventLog, Log};

/// What a token starts with.
const PREFIX: &str = "glt_";
/// Longest token looked at.
const MAX_LEN: usize = 128;

/// The id within a token, if it looks like one.
pub fn id_of(token: &str) -> Option<&str> {
    if token.len() > MAX_LEN {
        return None;
    }
    let (id, secret) = token.strip_prefix(PREFIX)?.split_once('_')?;
    (!id.is_empty() && !secret.is_empty()).then_some(id)
}

/// A new secret for the token of this id: the token, and the hash that is kept.
///
/// # Errors
/// The system gives no random bytes.
pub fn new(log_secret: &[u8; 32], id: &str) -> Result<(String, String), NoRandomness> {
    let secret = secret::new_marked(log_secret, &holder(id))?;
    let token = format!("{PREFIX}{id}_{secret}");
    let hash = secret::hash(&token);
    Ok((token, hash))
}

/// Whether a token was ever made here, whatever became of it.
pub fn is_ours(log_secret: &[u8; 32], token: &str) -> bool {
    let secret = |id: &str| {
        token
            .strip_prefix(PREFIX)?
            .strip_prefix(id)?
            .strip_prefix('_')
    };
    id_of(token).is_some_and(|id| {
        secret(id).is_some_and(|secret| secret::is_marked(log_secret, &holder(id), secret))
    })
}

fn holder(id: &str) -> String {
    format!("t.{id}")
}

/// What is asked of a token made at the command line.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// Whom it is for.
    pub name: String,
    /// What it acts as.
    pub role: Role,
    /// The region it is bound to.
    pub scope: Code,
}

impl Wanted {
    /// A token as the directory takes it, and the token itself.
    ///
    /// # Errors
    /// The system gives no random bytes.
    pub fn make(
        &self,
        log_secret: &[u8; 32],
        now: Timestamp,
    ) -> Result<(Token, String), NoRandomness> {
        let id = secret::new_id()?;
        let (token, hash) = new(log_secret, &id)?;
        let kept = Token {
            id,
            name: self.name.clone(),
            role: self.role,
            org: None,
            scope: self.scope,
            hash,
            previous: None,
            created_at: now,
            rotated_at: None,
            until: None,
        };
        Ok((kept, token))
    }
}

/// Makes a token beside a running node, or before one runs; answers the token itself.
///
/// # Errors
/// The rules forbid it, or the log failed.
pub async fn create(log: &EventLog, rules: &Rules, wanted: &Wanted) -> Result<String, Failure> {
    let mut book = Book::open(log).await?;
    let (kept, token) = wanted.make(&log.secret(), rules.clock.now())?;
    let actor = Actor::rule("cli", rules.county.code);
    let create = AccountCommand::CreateToken(kept);
    book.perform(log, rules, &actor, &[create]).await?;
    Ok(token)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_carries_its_id_and_proves_its_secret() {
        let ours = [7; 32];
        let (token, hash) = new(&ours, "0a1b").expect("token");
        assert_eq!(id_of(&token), Some("0a1b"));
        assert!(secret::matches(&token, &hash));
        assert!(is_ours(&ours, &token));
        assert!(!is_ours(&[8; 32], &token));
        assert!(!is_ours(&ours, "glt_0a1b_guess"));
        for other in ["", "glt_", "glt_0a1b", "glt__x", "bearer"] {
            assert_eq!(id_of(other), None, "{other}");
        }
        assert_eq!(id_of(&format!("glt_a_{}", "0".repeat(200))), None);
    }
}
