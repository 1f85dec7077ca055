//! Bearer tokens: 256 random bits, shown once, stored as a hash.

use domain::actor::{Actor, Role};
use geodata::region::Code;
use sha2::{Digest, Sha256};

use crate::log::{EventLog, Log, LogError, TokenRecord};
use crate::problem::Problem;

/// What a token starts with, so that a leaked one is recognised.
const PREFIX: &str = "glt_";
/// Longest token looked up.
const MAX_LEN: usize = 128;

/// Makes a token and stores its hash; answers the token itself, which is not kept.
///
/// # Errors
/// The log can't be written, or the system has no randomness.
pub async fn create(
    log: &EventLog,
    name: &str,
    role: Role,
    scope: Code,
    created_at: String,
) -> anyhow::Result<String> {
    let mut random = [0_u8; 32];
    getrandom::fill(&mut random).map_err(|error| anyhow::anyhow!("no randomness: {error}"))?;
    let token = format!("{PREFIX}{}", hex(&random));
    let record = TokenRecord {
        hash: hash(&token),
        name: name.to_owned(),
        role: serde_json::to_string(&role)?,
        scope: scope.to_string(),
        created_at,
    };
    log.token_put(record).await?;
    Ok(token)
}

/// The actor a token stands for.
pub(super) async fn actor_of(token: &str, log: &EventLog) -> Result<Actor, Problem> {
    if token.len() > MAX_LEN || !token.starts_with(PREFIX) {
        return Err(Problem::unauthorized());
    }
    let record = match log.token_get(&hash(token)).await {
        Ok(record) => record.ok_or_else(Problem::unauthorized)?,
        Err(LogError::Unavailable {
            retry_after_secs, ..
        }) => {
            return Err(Problem::unavailable(retry_after_secs));
        }
        Err(error) => return Err(error.into()),
    };
    let role = serde_json::from_str(&record.role).map_err(|_| Problem::unauthorized())?;
    let scope = record.scope.parse().map_err(|_| Problem::unauthorized())?;
    Ok(Actor::new(record.name, role, scope))
}

/// A fast hash is enough: the token is random, there is nothing to guess.
fn hash(token: &str) -> String {
    hex(&Sha256::digest(token.as_bytes()))
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
