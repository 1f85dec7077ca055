//! Last signs of life of sign-ins, tokens and walls, exchanged with the other nodes every half
//! minute: no event each, only the newest time of each counts.

use std::sync::{Mutex, MutexGuard, PoisonError};

use domain::time::Timestamp;
use rustc_hash::FxHashMap;

use crate::log::{EventLog, Log, LogError};

/// What was seen.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Kind {
    /// A sign-in was used.
    SignIn,
    /// A token was used.
    Token,
    /// A wall asked for something.
    Screen,
    /// A wall was connected live.
    ScreenLive,
    /// The step of the last one-time code a person used, as the time it began.
    Code,
}

impl Kind {
    const ALL: [Self; 5] = [
        Self::SignIn,
        Self::Token,
        Self::Screen,
        Self::ScreenLive,
        Self::Code,
    ];

    fn as_str(self) -> &'static str {
        match self {
            Self::SignIn => "sign_in",
            Self::Token => "token",
            Self::Screen => "screen",
            Self::ScreenLive => "screen_live",
            Self::Code => "code",
        }
    }
}

/// See the module.
#[derive(Debug, Default)]
pub struct Seen(Mutex<Held>);

#[derive(Debug, Default)]
struct Held {
    newest: FxHashMap<(Kind, String), i64>,
    untold: FxHashMap<(Kind, String), i64>,
}

impl Seen {
    /// It was seen at `now`.
    pub fn touch(&self, kind: Kind, id: &str, now: Timestamp) {
        let mut held = self.lock();
        let key = (kind, id.to_owned());
        held.newest.insert(key.clone(), now.millis());
        held.untold.insert(key, now.millis());
    }

    /// Like [`Self::touch`], unless it was seen then or later already: answers whether it was not.
    pub fn advance(&self, kind: Kind, id: &str, at: Timestamp) -> bool {
        let mut held = self.lock();
        let key = (kind, id.to_owned());
        if held
            .newest
            .get(&key)
            .is_some_and(|newest| *newest >= at.millis())
        {
            return false;
        }
        held.newest.insert(key.clone(), at.millis());
        held.untold.insert(key, at.millis());
        true
    }

    /// When it was last seen, by any node as far as it has told.
    pub fn last(&self, kind: Kind, id: &str) -> Option<Timestamp> {
        let held = self.lock();
        let millis = held.newest.get(&(kind, id.to_owned()))?;
        Some(Timestamp::from_millis(*millis))
    }

    /// Tells the others what was seen here and hears what they saw.
    ///
    /// # Errors
    /// The log is away; what was not told is told the next time.
    pub async fn exchange(&self, log: &EventLog) -> Result<(), LogError> {
        for kind in Kind::ALL {
            self.tell(kind, log).await?;
            self.hear(kind, log).await?;
        }
        Ok(())
    }

    /// Tells the others at once what was seen of one kind.
    ///
    /// # Errors
    /// The log is away; it is told the next time.
    pub async fn tell(&self, kind: Kind, log: &EventLog) -> Result<(), LogError> {
        let marks: Vec<(String, i64)> = {
            let mut held = self.lock();
            let (now, later) = std::mem::take(&mut held.untold)
                .into_iter()
                .partition(|((of, _), _)| *of == kind);
            held.untold = later;
            let now: FxHashMap<(Kind, String), i64> = now;
            now.into_iter().map(|((_, id), at)| (id, at)).collect()
        };
        if marks.is_empty() {
            return Ok(());
        }
        let told = log.marks_put(kind.as_str(), marks.clone()).await;
        if told.is_err() {
            let mut held = self.lock();
            for (id, at) in marks {
                held.untold.entry((kind, id)).or_insert(at);
            }
        }
        told
    }

    /// Hears what the others saw of one kind.
    ///
    /// # Errors
    /// The log is away.
    pub async fn hear(&self, kind: Kind, log: &EventLog) -> Result<(), LogError> {
        let marks = log.marks(kind.as_str()).await?;
        let mut held = self.lock();
        for (id, at) in marks {
            let newest = held.newest.entry((kind, id)).or_insert(at);
            *newest = at.max(*newest);
        }
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, Held> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_used_once_and_the_newest_sign_of_life_stays() {
        let seen = Seen::default();
        let at = Timestamp::from_millis;
        assert!(seen.advance(Kind::Code, "zhang", at(5)));
        assert!(!seen.advance(Kind::Code, "zhang", at(5)));
        assert!(!seen.advance(Kind::Code, "zhang", at(4)));
        assert!(seen.advance(Kind::Code, "li", at(4)));
        assert_eq!(seen.last(Kind::Code, "zhang"), Some(at(5)));
        assert_eq!(seen.last(Kind::SignIn, "zhang"), None);
    }
}
