//! Which live connections belong to whom, so that they end with what let them in.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use domain::actor::Actor;
use rustc_hash::{FxHashMap, FxHashSet};

use super::Identity;
use crate::ws::code;
use crate::ws::fanout::ConnId;

/// One live connection.
#[derive(Debug)]
struct Open {
    conn: ConnId,
    /// As whom it was let in.
    actor: Actor,
    /// The hash of what was shown.
    proof: String,
}

/// The live connections of this node; clones are cheap and mean the same ones.
#[derive(Clone, Debug, Default)]
pub struct Live(Arc<Mutex<Held>>);

#[derive(Debug, Default)]
struct Held {
    by_conn: FxHashMap<ConnId, Identity>,
    by_identity: FxHashMap<Identity, Vec<Open>>,
    /// Closed before they were told of: both come from different threads.
    closed_early: FxHashSet<ConnId>,
}

impl Live {
    /// A connection was handed over for somebody who acts as `actor` and showed a secret with the
    /// hash `proof`.
    pub fn opened(&self, identity: &Identity, actor: &Actor, proof: &str, conn: ConnId) {
        let mut held = self.lock();
        if held.closed_early.remove(&conn) {
            return;
        }
        held.by_conn.insert(conn, identity.clone());
        let of_theirs = held.by_identity.entry(identity.clone()).or_default();
        of_theirs.push(Open {
            conn,
            actor: actor.clone(),
            proof: proof.to_owned(),
        });
    }

    /// A connection ended, whoever ended it.
    pub fn closed(&self, conn: ConnId) {
        let mut held = self.lock();
        let Some(identity) = held.by_conn.remove(&conn) else {
            held.closed_early.insert(conn);
            return;
        };
        if let Some(conns) = held.by_identity.get_mut(&identity) {
            conns.retain(|open| open.conn != conn);
            if conns.is_empty() {
                held.by_identity.remove(&identity);
            }
        }
    }

    /// Whether anything of theirs is connected here.
    pub fn is_connected(&self, identity: &Identity) -> bool {
        self.lock().by_identity.contains_key(identity)
    }

    /// Everybody who is connected here.
    pub fn identities(&self) -> Vec<Identity> {
        self.lock().by_identity.keys().cloned().collect()
    }

    /// The connections of people who act as somebody that `is_meant`; no screen's and no token's.
    pub fn of_people(&self, is_meant: impl Fn(&Actor) -> bool) -> Vec<ConnId> {
        let held = self.lock();
        let people = held
            .by_identity
            .iter()
            .filter(|(identity, _)| matches!(identity, Identity::SignIn(_)));
        people
            .flat_map(|(_, conns)| conns)
            .filter(|open| is_meant(&open.actor))
            .map(|open| open.conn)
            .collect()
    }

    /// The connections that may not go on, and the code that tells them so: `who` answers as whom
    /// an identity acts now, none if it may not enter any more.
    pub fn to_end(&self, who: impl Fn(&Identity, &str) -> Option<Actor>) -> Vec<(ConnId, u16)> {
        let held = self.lock();
        let mut ends = Vec::new();
        for (identity, conns) in &held.by_identity {
            for open in conns {
                match who(identity, &open.proof) {
                    None => ends.push((open.conn, code::ENDED)),
                    Some(now) if now != open.actor => ends.push((open.conn, code::RELOAD)),
                    Some(_) => {}
                }
            }
        }
        ends
    }

    fn lock(&self) -> MutexGuard<'_, Held> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
