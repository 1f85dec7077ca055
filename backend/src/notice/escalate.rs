//! A notice's chain, step by step: made when the one before was left unanswered, ended the moment
//! somebody acknowledges, by word or by acting. What is due is `domain::notice::chain`'s to say.

use domain::notice::chain::{self, Due, Fact, Progress, Step};
use domain::notice::{Channel, Notice, To};
use domain::time::Span;
use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;

use super::Notices;
use super::book::Entry;
use super::deliver::Way;
use crate::log::LogError;

impl Notices {
    /// Climbs until somebody acknowledges, nothing is left to try, or it is no news any more. A
    /// slow gateway does not hold the next step up.
    pub(super) async fn climb(&self, notice: &Notice) -> Result<(), LogError> {
        let steps = self.possible(&notice.chain);
        if steps.is_empty() {
            return Ok(());
        }
        let mut folded = self.0.folded.subscribe();
        let mut sending = FuturesUnordered::new();
        // What a node that died had begun goes anew, under the same keys, but for what is on record.
        for step in self.begun(notice, &steps) {
            sending.push(self.make(notice, step.way));
        }
        loop {
            match self.progress(notice).due(&steps, self.0.clock.now()) {
                Due::Stopped => break,
                Due::Missed => {
                    let why = "nobody_acknowledged";
                    self.note_missed(notice, Channel::App, why).await?;
                    break;
                }
                Due::Try(_) if !self.may_sound(notice) => {
                    let why = "too_late_to_announce";
                    self.note_missed(notice, Channel::Voice, why).await?;
                    break;
                }
                Due::Try(step) => {
                    if !self.begin(notice, step).await? {
                        return Ok(());
                    }
                    if let Some(step) = steps.get(step) {
                        sending.push(self.make(notice, step.way));
                    }
                }
                Due::Wait(until) => tokio::select! {
                    () = tokio::time::sleep(self.0.clock.until(until)) => {}
                    changed = folded.changed() => if changed.is_err() { return Ok(()) },
                    Some(sent) = sending.next(), if !sending.is_empty() => sent?,
                },
            }
        }
        while let Some(sent) = sending.next().await {
            sent?;
        }
        Ok(())
    }

    pub(super) fn progress(&self, notice: &Notice) -> Progress {
        self.read(|book| book.kept(&notice.key).map(|kept| kept.progress.clone()))
            .unwrap_or_default()
    }

    fn begun(&self, notice: &Notice, steps: &[Step]) -> Vec<Step> {
        let progress = self.progress(notice);
        let is_over = progress.acknowledged.is_some() || !self.may_sound(notice);
        let count = progress
            .tried
            .filter(|_| !is_over)
            .map_or(0, |(last, _)| last + 1);
        steps.iter().take(count).copied().collect()
    }

    /// A step that nothing here can make is passed over at once.
    fn possible(&self, chain: &[Step]) -> Vec<Step> {
        let shorten = |step: &Step| Step {
            way: step.way,
            wait: if self.can(step.way) {
                step.wait
            } else {
                Span::secs(0)
            },
        };
        chain.iter().map(shorten).collect()
    }

    /// Writes down that a step is made; answers whether this node still sends.
    async fn begin(&self, notice: &Notice, step: usize) -> Result<bool, LogError> {
        let at = self.0.clock.now();
        let tried = Entry::Chain {
            key: notice.key.clone(),
            fact: Fact::Tried { step, at },
        };
        self.append_as_sender(vec![tried]).await
    }

    async fn make(&self, notice: &Notice, way: chain::Way) -> Result<(), LogError> {
        if way == chain::Way::App {
            return Ok(());
        }
        let ways = self.ways_of(notice, way);
        if ways.is_empty() {
            let (channel, why) = self.why_not(way);
            return self.note_missed(notice, channel, why).await;
        }
        self.send_all(notice, ways).await
    }

    /// The phones of one step. Where no call can be made, a message goes.
    fn ways_of(&self, notice: &Notice, way: chain::Way) -> Vec<Way<'_>> {
        let To::Org(org) = &notice.to else {
            return Vec::new();
        };
        let calls = if self.0.voice.is_some() {
            Channel::Voice
        } else {
            Channel::Sms
        };
        match way {
            chain::Way::App => Vec::new(),
            chain::Way::Sms => {
                let phones = self.people(notice, |people| people.phones(&notice.to));
                self.by_phone(Channel::Sms, phones)
            }
            chain::Way::Voice => {
                let phones = self.people(notice, |people| people.to_call(&notice.to));
                self.by_phone(Channel::Voice, phones)
            }
            chain::Way::Deputy => {
                let phones = self.people(notice, |people| people.deputies(org));
                let mut ways = self.by_phone(Channel::Sms, phones.clone());
                ways.extend(self.by_phone(Channel::Voice, phones));
                ways
            }
            chain::Way::DutyPhone => {
                let phones = self.people(notice, |people| people.duty_phone(org));
                self.by_phone(calls, phones)
            }
        }
    }

    fn can(&self, way: chain::Way) -> bool {
        let (sms, voice) = (self.0.sms.is_some(), self.0.voice.is_some());
        match way {
            chain::Way::App => true,
            chain::Way::Sms => sms,
            chain::Way::Voice => voice,
            chain::Way::Deputy | chain::Way::DutyPhone => sms || voice,
        }
    }

    fn why_not(&self, way: chain::Way) -> (Channel, &'static str) {
        let channel = match way {
            chain::Way::App => Channel::App,
            chain::Way::Sms => Channel::Sms,
            _ => Channel::Voice,
        };
        let why = match (self.can(way), way) {
            (false, _) => "no_gateway",
            (true, chain::Way::Deputy) => "no_deputy",
            (true, chain::Way::DutyPhone) => "no_duty_phone",
            (true, _) => "no_phone",
        };
        (channel, why)
    }
}
