//! The directory as far as it has been read, and the one way to change it: decide on what is known,
//! append to the ledger on the last entry known, and decide again when somebody was faster.

use std::sync::Arc;

use domain::account::command::AccountCommand;
use domain::account::decide::{Context, decide};
use domain::account::event::AccountEntry;
use domain::account::{Directory, SignInLimits};
use domain::actor::Actor;
use domain::pack::County;
use domain::refusal::Refusal;

use super::Failure;
use crate::clock::Clock;
use crate::log::{AppendOutcome, EventLog, LedgerEntry, LedgerName, Log, LogError};

/// Entries read at a time.
const BATCH: usize = 2_000;
/// How often a command is decided anew when others are faster.
const TRIES: usize = 20;

/// What a decision reads besides the directory.
#[derive(Clone, Debug)]
pub struct Rules {
    /// The county's regions and organisations.
    pub county: Arc<County>,
    /// Limits upon sign-ins.
    pub limits: SignInLimits,
    /// The time that accounts go by.
    pub clock: Clock,
}

/// The directory up to an entry of the ledger.
#[derive(Clone, Debug, Default)]
pub struct Book {
    /// Who may enter.
    pub directory: Directory,
    /// The last entry folded into it; 0 before the first.
    pub seq: u64,
}

impl Book {
    /// Reads the whole ledger.
    ///
    /// # Errors
    /// The log can't be read.
    pub async fn open(log: &EventLog) -> Result<Self, LogError> {
        let mut book = Self::default();
        book.read_on(log).await?;
        Ok(book)
    }

    /// Reads what is new; answers whether anything was.
    ///
    /// # Errors
    /// The log can't be read.
    pub async fn read_on(&mut self, log: &EventLog) -> Result<bool, LogError> {
        let began = self.seq;
        loop {
            let entries = log
                .ledger_read(LedgerName::Accounts, self.seq, BATCH)
                .await?;
            if entries.is_empty() {
                return Ok(self.seq > began);
            }
            for entry in &entries {
                self.fold(entry);
            }
        }
    }

    fn fold(&mut self, entry: &LedgerEntry) {
        self.seq = entry.seq;
        match serde_json::from_str::<AccountEntry>(&entry.body) {
            Ok(entry) => self.directory.apply(&entry),
            Err(error) => {
                tracing::error!(seq = entry.seq, %error, "unreadable entry of accounts passed over");
            }
        }
    }

    /// What would follow from commands, each decided on what the ones before it changed.
    ///
    /// # Errors
    /// The number of the command refused, from 0, and why.
    pub fn decide(
        &self,
        rules: &Rules,
        actor: &Actor,
        commands: &[AccountCommand],
    ) -> Result<Vec<AccountEntry>, (usize, Refusal)> {
        let now = rules.clock.now();
        let ctx = Context {
            county: &rules.county,
            now,
            limits: &rules.limits,
        };
        let mut scratch: Option<Directory> = None;
        let mut entries = Vec::new();
        for (at, command) in commands.iter().enumerate() {
            let directory = scratch.as_ref().unwrap_or(&self.directory);
            let events = decide(directory, command, actor, ctx).map_err(|why| (at, why))?;
            for event in events {
                let entry = AccountEntry {
                    at: now,
                    actor: actor.clone(),
                    event,
                };
                if at + 1 < commands.len() {
                    scratch
                        .get_or_insert_with(|| self.directory.clone())
                        .apply(&entry);
                }
                entries.push(entry);
            }
        }
        Ok(entries)
    }

    /// Carries commands out, all or none, and reads them back: for a tool, or before a node runs.
    ///
    /// # Errors
    /// Why not.
    pub async fn perform(
        &mut self,
        log: &EventLog,
        rules: &Rules,
        actor: &Actor,
        commands: &[AccountCommand],
    ) -> Result<(), Failure> {
        for _ in 0..TRIES {
            let entries = self.decide(rules, actor, commands);
            let entries = entries.map_err(|(_, why)| Failure::Refused(why))?;
            let outcome = append(log, self.seq, &entries).await?;
            self.read_on(log).await?;
            if matches!(outcome, AppendOutcome::Done { .. }) {
                return Ok(());
            }
        }
        Err(Failure::Busy)
    }
}

/// Appends what was decided on entry `seq`; nothing decided is done at once.
pub(super) async fn append(
    log: &EventLog,
    seq: u64,
    entries: &[AccountEntry],
) -> Result<AppendOutcome, Failure> {
    if entries.is_empty() {
        return Ok(AppendOutcome::Done { version: seq });
    }
    let bodies: Result<Vec<_>, _> = entries.iter().map(serde_json::to_string).collect();
    let bodies = bodies.map_err(|error| {
        Failure::Log(LogError::Corrupt {
            why: error.to_string(),
        })
    })?;
    let outcome = log.ledger_append(LedgerName::Accounts, seq, bodies).await?;
    Ok(outcome)
}

/// How often a command is decided anew when others are faster.
pub(super) const fn tries() -> usize {
    TRIES
}
