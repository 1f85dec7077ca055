//! Something asked of the server by a button: under way, refused, or done.

use std::future::Future;

use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::api::Failed;

/// A piece of work. Cheap to copy.
#[derive(Clone, Copy)]
pub struct Work {
    /// Whether it is under way.
    pub busy: RwSignal<bool>,
    /// What was refused.
    pub failed: RwSignal<Option<Failed>>,
}

impl Default for Work {
    fn default() -> Self {
        Self {
            busy: RwSignal::new(false),
            failed: RwSignal::new(None),
        }
    }
}

impl Work {
    /// Does it, unless it is under way; `done` gets the answer.
    pub fn run<T: 'static>(
        self,
        work: impl Future<Output = Result<T, Failed>> + 'static,
        done: impl FnOnce(T) + 'static,
    ) {
        if self.busy.get_untracked() {
            return;
        }
        self.busy.set(true);
        self.failed.set(None);
        spawn_local(async move {
            let answer = work.await;
            // Whoever asked may have left.
            if self.busy.try_set(false).is_some() {
                return;
            }
            match answer {
                Ok(answer) => done(answer),
                Err(failed) => self.failed.set(Some(failed)),
            }
        });
    }

    /// What was wrong with a field.
    pub fn at(self, pointer: &'static str) -> Signal<Option<String>> {
        Signal::derive(move || self.failed.with(|failed| failed.as_ref()?.at(pointer)))
    }

    /// Forgets what was refused.
    pub fn forget(self) {
        self.failed.set(None);
    }
}
