//! One notice on its ways: to whom it goes now, each way tried until it is taken, never will be,
//! or was tried often enough. What became of it is written down at once.

use std::time::Duration;

use domain::ids::IncidentId;
use domain::notice::{ANNOUNCED_FOR, Channel, Notice, Text, To, Urgency};
use domain::time::Timestamp;
use domain::wire::notice::Tongue;
use uuid::Uuid;

use super::Notices;
use super::book::{Delivery, Entry, Outcome};
use super::guard::Tried;
use super::people::{Browser, People, Phone};
use super::sms::{Gateway, Message};
use super::webhook::Webhook;
use crate::account::secret;
use crate::log::LogError;

/// Name space of what gateways and services are told of one notice to one receiver (a random UUID,
/// fixed once).
const RECEIVERS: Uuid = Uuid::from_u128(0x8f0c_6d1e_2a57_4b9b_9e33_51c4_7d20_a6f8);

/// One way to one receiver.
pub(super) enum Way<'a> {
    /// Another system.
    Webhook(&'a Webhook),
    /// A browser.
    Push(Box<Browser>),
    /// A phone, by the gateway of messages or that of calls.
    Phone(Channel, &'a Gateway, Phone),
}

impl Way<'_> {
    const fn channel(&self) -> Channel {
        match self {
            Self::Webhook(_) => Channel::Webhook,
            Self::Push(_) => Channel::Push,
            Self::Phone(channel, ..) => *channel,
        }
    }

    /// As the record of deliveries calls the receiver.
    fn receiver(&self) -> String {
        match self {
            Self::Webhook(hook) => hook.receiver(),
            Self::Push(browser) => {
                format!("person:{}/{}", browser.person, browser.subscription.id)
            }
            Self::Phone(_, _, phone) => phone.whose.clone(),
        }
    }

    /// A webhook's receiver has it; the others only pass it on.
    const fn good(&self) -> Outcome {
        match self {
            Self::Webhook(_) => Outcome::Delivered,
            Self::Push(_) | Self::Phone(..) => Outcome::Sent,
        }
    }
}

/// Who was missed, and why.
type Miss = (Channel, &'static str);

impl Notices {
    /// Sends one notice every way it has not gone yet, all ways at once, and runs its chain.
    /// Answers whether this node still sends.
    pub(super) async fn deliver(&self, notice: &Notice) -> Result<bool, LogError> {
        let (at_once, climbed) = tokio::join!(self.send_at_once(notice), self.climb(notice));
        at_once?;
        climbed?;
        let settled = Entry::Settled {
            key: notice.key.clone(),
        };
        self.append_as_sender(vec![settled]).await
    }

    async fn send_at_once(&self, notice: &Notice) -> Result<(), LogError> {
        let hooks = self.0.webhooks.iter().filter(|hook| hook.wants(notice));
        let mut ways: Vec<Way<'_>> = hooks.map(Way::Webhook).collect();
        let mut missed: Vec<Miss> = Vec::new();
        match self.phones(notice).await {
            Ok(phones) => ways.extend(self.by_phone(Channel::Sms, phones)),
            Err(why) => missed.extend(why.map(|why| (Channel::Sms, why))),
        }
        match self.browsers_of(notice) {
            Ok(browsers) => ways.extend(browsers.into_iter().map(|one| Way::Push(Box::new(one)))),
            Err(why) => missed.push((Channel::Push, why)),
        }
        missed.extend(self.nobody_reads(notice).map(|why| (Channel::App, why)));
        for (channel, why) in missed {
            self.note_missed(notice, channel, why).await?;
        }
        self.send_all(notice, ways).await
    }

    /// Sends all of these that have not gone yet.
    pub(super) async fn send_all(
        &self,
        notice: &Notice,
        mut ways: Vec<Way<'_>>,
    ) -> Result<(), LogError> {
        let done = self.deliveries(&notice.key);
        ways.retain(|way| {
            let (channel, to) = (way.channel(), way.receiver());
            !done.iter().any(|d| d.channel == channel && d.to == to)
        });
        let sends = ways.iter().map(|way| self.send(notice, way));
        for sent in futures_util::future::join_all(sends).await {
            sent?;
        }
        Ok(())
    }

    pub(super) fn by_phone(&self, channel: Channel, phones: Vec<Phone>) -> Vec<Way<'_>> {
        let gateway = match channel {
            Channel::Voice => self.0.voice.as_ref(),
            _ => self.0.sms.as_ref(),
        };
        let Some(gateway) = gateway else {
            return Vec::new();
        };
        let ways = phones.into_iter();
        ways.map(|phone| Way::Phone(channel, gateway, phone))
            .collect()
    }

    fn deliveries(&self, key: &str) -> Vec<Delivery> {
        self.read(|book| book.kept(key).map(|kept| kept.deliveries.clone()))
            .unwrap_or_default()
    }

    /// Who is who, for one notice and now.
    pub(super) fn people<T>(&self, notice: &Notice, ask: impl FnOnce(&People<'_>) -> T) -> T {
        let now = self.0.accounts.now();
        self.0.accounts.with(|directory| {
            self.read(|book| {
                ask(&People {
                    directory,
                    county: &self.0.county,
                    book,
                    now,
                    at: self.0.clock.now(),
                    is_urgent: notice.urgency == Urgency::Urgent,
                })
            })
        })
    }

    /// Whether it may still sound: what an outage delayed for long is listed alone.
    pub(super) fn may_sound(&self, notice: &Notice) -> bool {
        notice.announced && self.0.clock.now().since(notice.at) <= ANNOUNCED_FOR
    }

    /// The phones a notice goes to at once; or why it goes to none, if it should have.
    async fn phones(&self, notice: &Notice) -> Result<Vec<Phone>, Option<&'static str>> {
        if !notice.goes_by(Channel::Sms) {
            return Err(None);
        }
        if !self.may_sound(notice) {
            return Err(Some("too_late_to_announce"));
        }
        if self.0.sms.is_none() {
            return Err(None);
        }
        let mut phones = self.people(notice, |people| people.phones(&notice.to));
        if let (To::Reporter { incident, person }, true) = (&notice.to, phones.is_empty())
            && !self.is_unwanted(person.as_deref())
        {
            phones.extend(self.left_with(*incident).await);
        }
        if phones.is_empty() {
            return Err(Some("no_phone"));
        }
        Ok(phones)
    }

    fn is_unwanted(&self, person: Option<&str>) -> bool {
        person.is_some_and(|id| !self.settings_of(id).sms)
    }

    async fn left_with(&self, incident: IncidentId) -> Option<Phone> {
        let number = self.reporter_phone(incident).await?;
        Some(Phone {
            whose: "reporter".to_owned(),
            number,
            language: Tongue::default(),
        })
    }

    /// The browsers a notice goes to; nobody has to have one.
    fn browsers_of(&self, notice: &Notice) -> Result<Vec<Browser>, &'static str> {
        if !notice.goes_by(Channel::Push) || self.0.push.is_none() {
            return Ok(Vec::new());
        }
        let browsers = self.people(notice, |people| people.browsers(&notice.to));
        if browsers.is_empty() || self.may_sound(notice) {
            Ok(browsers)
        } else {
            Err("too_late_to_announce")
        }
    }

    /// Why nobody will find it in the app, if so.
    fn nobody_reads(&self, notice: &Notice) -> Option<&'static str> {
        let To::Org(org) = &notice.to else {
            return None;
        };
        let reads = self.people(notice, |people| {
            people.directory.people_of(org, people.now).next().is_some()
        });
        (!reads).then_some("no_account")
    }

    /// Tries one way until it goes, never will, or was tried often enough. Calls and messages that
    /// are under way end when somebody has taken the matter on.
    async fn send(&self, notice: &Notice, way: &Way<'_>) -> Result<(), LogError> {
        let most = self.0.settings.tries.clamp(1, 30);
        let channel = way.channel();
        let mut tries = 0;
        let (outcome, why, reference) = loop {
            tries += 1;
            match self.attempt(notice, way).await {
                Tried::Taken { reference } => break (way.good(), None, reference),
                Tried::Never(why) => break (Outcome::Failed, Some(why), None),
                Tried::Gone(why) => {
                    self.let_go(way).await?;
                    break (Outcome::Failed, Some(why), None);
                }
                Tried::Later(why) if tries >= most => break (Outcome::Failed, Some(why), None),
                Tried::Later(_) => {}
            }
            metrics::counter!("gridlamp_notices_retried_total", "channel" => name(channel))
                .increment(1);
            let is_by_phone = matches!(way, Way::Phone(..));
            tokio::select! {
                () = tokio::time::sleep(self.pause(tries)) => {}
                () = self.until_taken_on(notice), if is_by_phone => {}
            }
            if is_by_phone && !self.is_still_due(notice) {
                break (Outcome::Missed, Some("no_longer_needed".to_owned()), None);
            }
        };
        let delivery = Delivery {
            channel,
            to: way.receiver(),
            outcome,
            tries,
            why,
            at: self.0.clock.now(),
            reference,
        };
        self.note(&notice.key, delivery).await
    }

    /// Whether a message that waits should still go: nobody took the matter on, and it is news.
    fn is_still_due(&self, notice: &Notice) -> bool {
        self.progress(notice).acknowledged.is_none() && self.may_sound(notice)
    }

    async fn until_taken_on(&self, notice: &Notice) {
        let mut folded = self.0.folded.subscribe();
        while self.progress(notice).acknowledged.is_none() {
            if folded.changed().await.is_err() {
                return std::future::pending().await;
            }
        }
    }

    async fn attempt(&self, notice: &Notice, way: &Way<'_>) -> Tried {
        let now = self.0.clock.now();
        match way {
            Way::Webhook(hook) => {
                let life = crate::clock::Clock::life().now();
                hook.post(notice, &self.0.url, life).await
            }
            Way::Push(browser) => match &self.0.push {
                Some(pusher) => {
                    let language = browser.language.into();
                    pusher
                        .post(notice, &browser.subscription, language, now)
                        .await
                }
                None => Tried::Never("push is turned off".to_owned()),
            },
            Way::Phone(channel, gateway, phone) => {
                let say = |text: &Text| match phone.language {
                    Tongue::Zh => text.zh.clone(),
                    Tongue::En => text.en.clone(),
                };
                let subject = format!("{}\n{channel:?}\n{}", notice.key, phone.whose);
                let message = Message {
                    phone: &phone.number,
                    title: &say(&notice.title),
                    body: &say(&notice.body),
                    link: &format!("{}{}", self.0.url, notice.link),
                    id: &Uuid::new_v5(&RECEIVERS, subject.as_bytes()).to_string(),
                };
                gateway.post(&message).await
            }
        }
    }

    /// A browser that its push service does not know any more is not asked again.
    async fn let_go(&self, way: &Way<'_>) -> Result<(), LogError> {
        if let Way::Push(browser) = way {
            self.unsubscribe(&browser.person, &browser.subscription.id)
                .await?;
        }
        Ok(())
    }

    /// Twice as long each time, up to a bound, and a random half of it: many that failed together
    /// do not come back together.
    fn pause(&self, tries: u32) -> Duration {
        let settings = &self.0.settings;
        let first = u64::from(settings.first_retry_ms.max(10));
        let longest = u64::from(settings.longest_retry_seconds.max(1)) * 1000;
        let full = first.saturating_mul(1 << (tries - 1).min(20)).min(longest);
        // Without randomness they come back together, which is no fault of any of them.
        let random = secret::random::<4>().map_or(0, u32::from_le_bytes);
        let part = u64::from(random) % (full / 2 + 1);
        Duration::from_millis(full - part)
    }

    /// Notes that nobody of the addressee is told this way, once.
    pub(super) async fn note_missed(
        &self,
        notice: &Notice,
        channel: Channel,
        why: &str,
    ) -> Result<(), LogError> {
        let to = addressee(&notice.to);
        let done = self.deliveries(&notice.key);
        let is_same =
            |d: &Delivery| d.channel == channel && d.to == to && d.why.as_deref() == Some(why);
        if done.iter().any(is_same) {
            return Ok(());
        }
        let delivery = missed(channel, to, why, self.0.clock.now());
        self.note(&notice.key, delivery).await
    }

    async fn note(&self, key: &str, delivery: Delivery) -> Result<(), LogError> {
        let label = match delivery.outcome {
            Outcome::Sent | Outcome::Delivered => "gridlamp_notices_sent_total",
            Outcome::Failed => "gridlamp_notices_failed_total",
            Outcome::Missed => "gridlamp_notices_missed_total",
        };
        metrics::counter!(label, "channel" => name(delivery.channel)).increment(1);
        if let (Outcome::Failed, Some(why)) = (delivery.outcome, &delivery.why) {
            tracing::warn!(%key, to = %delivery.to, %why, "a notice was given up");
        }
        let went = Entry::Went {
            key: key.to_owned(),
            delivery,
        };
        self.append_as_sender(vec![went]).await.map(|_| ())
    }
}

fn missed(channel: Channel, to: String, why: &str, at: Timestamp) -> Delivery {
    Delivery {
        channel,
        to,
        outcome: Outcome::Missed,
        tries: 0,
        why: Some(why.to_owned()),
        at,
        reference: None,
    }
}

/// As the record of deliveries calls an addressee that nobody stands for.
fn addressee(to: &To) -> String {
    match to {
        To::Org(org) => format!("org:{org}"),
        To::Reporter { .. } => "reporter".to_owned(),
    }
}

const fn name(channel: Channel) -> &'static str {
    match channel {
        Channel::App => "app",
        Channel::Sms => "sms",
        Channel::Webhook => "webhook",
        Channel::Push => "push",
        Channel::Voice => "voice",
    }
}
