//! What a person sets for themselves: how they want to be told, and which of their browsers take
//! notices. Kept in the ledger of notices; who may ask is the surface's matter.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use domain::refusal::Refusal;
use domain::time::Timestamp;
use domain::wire::notice::{Settings, Tongue};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::Notices;
use super::book::Entry;
use super::push;
use crate::account::Failure;
use crate::log::LogError;
use crate::problem::Language;

/// Browsers of one person.
const MOST_BROWSERS: usize = 10;
/// The longest address of a push service, in bytes.
const MAX_ENDPOINT: usize = 2_048;

impl From<Tongue> for Language {
    fn from(tongue: Tongue) -> Self {
        match tongue {
            Tongue::Zh => Self::Zh,
            Tongue::En => Self::En,
        }
    }
}

/// A browser that takes notices: its address at its maker's push service, and its keys.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Subscription {
    /// Of the address: the same browser asks twice and stays one.
    pub id: String,
    /// Where to.
    pub endpoint: String,
    /// Its public key, a point of P-256.
    pub p256dh: String,
    /// The secret shared with it.
    pub auth: String,
    /// What browser, as it says itself.
    pub agent: String,
    /// Since when.
    pub at: Timestamp,
}

/// A browser that asks for notices, as `PushSubscription.toJSON()` writes it.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Offer {
    endpoint: String,
    keys: OfferKeys,
    /// Said by some browsers; 404 and 410 of the push service tell it as well.
    #[serde(default, rename = "expirationTime")]
    _expires: Option<f64>,
}

#[derive(Clone, Debug, Deserialize)]
struct OfferKeys {
    p256dh: String,
    auth: String,
}

impl Notices {
    /// How somebody wants to be told.
    pub fn settings_of(&self, person: &str) -> Settings {
        self.read(|book| book.settings(person))
    }

    /// Sets how somebody wants to be told.
    ///
    /// # Errors
    /// The log does not take it.
    pub async fn set(&self, person: &str, settings: Settings) -> Result<(), LogError> {
        if self.settings_of(person) == settings {
            return Ok(());
        }
        let set = Entry::Set {
            person: person.to_owned(),
            settings,
        };
        self.append(&[set], |_| true).await.map(|_| ())
    }

    /// Somebody's browsers that take notices.
    pub fn browsers(&self, person: &str) -> Vec<Subscription> {
        self.read(|book| book.subscriptions(person).cloned().collect())
    }

    /// The key by which browsers know this server; none where push is turned off.
    pub fn push_key(&self) -> Option<String> {
        self.0.push.as_ref().map(push::Pusher::public_key)
    }

    /// Takes a browser on; answers its id.
    ///
    /// # Errors
    /// What is wrong with what it sent, or the log does not take it.
    pub async fn subscribe(
        &self,
        person: &str,
        offer: Offer,
        agent: &str,
    ) -> Result<String, Failure> {
        let subscription = self.checked(offer, agent).map_err(Failure::Refused)?;
        let id = subscription.id.clone();
        let others = self.browsers(person);
        let is_known = others.iter().any(|one| {
            (&one.id, &one.p256dh, &one.auth) == (&id, &subscription.p256dh, &subscription.auth)
        });
        if is_known {
            return Ok(id);
        }
        let mut others: Vec<_> = others.into_iter().filter(|one| one.id != id).collect();
        others.sort_by_key(|one| one.at);
        // The oldest make room: somebody got a new device.
        let surplus = (others.len() + 1).saturating_sub(MOST_BROWSERS);
        let mut entries: Vec<Entry> = others.into_iter().take(surplus).map(gone(person)).collect();
        entries.push(Entry::Subscribed {
            person: person.to_owned(),
            subscription,
        });
        self.append(&entries, |_| true).await?;
        Ok(id)
    }

    fn checked(&self, offer: Offer, agent: &str) -> Result<Subscription, Refusal> {
        let wrong = |pointer: &str, why: &str| {
            Refusal::field(
                pointer,
                "wrong_subscription",
                format!("浏览器的推送订阅无效（{why}），请重新订阅"),
                format!("The browser's push subscription does not work ({why}); subscribe anew"),
            )
        };
        let pusher = self.0.push.as_ref();
        let pusher = pusher.ok_or_else(|| wrong("/endpoint", "push is turned off here"))?;
        if offer.endpoint.len() > MAX_ENDPOINT {
            return Err(wrong("/endpoint", "the address is too long"));
        }
        let address = pusher.check(&offer.endpoint);
        address.map_err(|error| wrong("/endpoint", &error.to_string()))?;
        push::keys(&offer.keys.p256dh, &offer.keys.auth)
            .map_err(|field| wrong(&format!("/keys/{field}"), "the key can't be read"))?;
        let name = Uuid::new_v5(&Uuid::NAMESPACE_URL, offer.endpoint.as_bytes());
        Ok(Subscription {
            id: BASE64.encode(name.as_bytes()),
            endpoint: offer.endpoint,
            p256dh: offer.keys.p256dh,
            auth: offer.keys.auth,
            agent: agent.chars().take(200).collect(),
            at: self.0.clock.now(),
        })
    }

    /// Lets a browser go; answers whether there was one.
    ///
    /// # Errors
    /// The log does not take it.
    pub async fn unsubscribe(&self, person: &str, id: &str) -> Result<bool, LogError> {
        let known = self.browsers(person).into_iter().find(|one| one.id == id);
        let Some(known) = known else {
            return Ok(false);
        };
        self.append(&[gone(person)(known)], |_| true).await?;
        Ok(true)
    }
}

fn gone(person: &str) -> impl Fn(Subscription) -> Entry + '_ {
    |one| Entry::Unsubscribed {
        person: person.to_owned(),
        id: one.id,
    }
}
