//! One-time codes of people: the offer, the secret sealed at rest, and each code used once.

use domain::account::Person;
use domain::account::command::AccountCommand;
use domain::actor::Actor;
use domain::time::{Span, Timestamp};
use domain::wire::account::TotpOffer;
use serde::{Deserialize, Serialize};

use super::seen::Kind;
use super::sign_in::NotIn;
use super::signed::{self, Purpose};
use super::{Accounts, Failure, secret, totp};

/// How long an offer can be taken up.
const OFFER: Span = Span::mins(10);
/// Milliseconds of a step, see [`totp`].
const STEP_MS: i64 = 30_000;

/// What an offer says: sealed, so that the slip shows no more than the picture did.
#[derive(Serialize, Deserialize)]
struct Offer {
    person: String,
    sealed: String,
}

impl Accounts {
    /// Offers one-time codes; nothing is kept before a code confirms it.
    ///
    /// # Errors
    /// Nothing secret can be made.
    pub fn offer_codes(&self, person: &Person) -> Result<TotpOffer, Failure> {
        let plain = totp::new_secret()?;
        let uri = totp::uri(&self.rules().county.name, &person.id, &plain);
        let offer = Offer {
            person: person.id.clone(),
            sealed: secret::seal(&self.totp_key(), &person.id, &plain)?,
        };
        Ok(TotpOffer {
            secret: totp::base32(&plain),
            qr_svg: totp::picture(&uri).unwrap_or_default(),
            uri,
            slip: signed::seal(&self.secret(), Purpose::Totp, &offer, OFFER, self.now()),
        })
    }

    /// Takes an offer up with a code made from it.
    ///
    /// # Errors
    /// The code is wrong, the offer is over, or the log failed.
    pub async fn confirm_codes(
        &self,
        person: &Person,
        slip: &str,
        code: &str,
        actor: &Actor,
    ) -> Result<(), NotIn> {
        let now = self.now();
        let offer: Option<Offer> = signed::open(&self.secret(), Purpose::Totp, slip, now);
        let offer = offer.filter(|offer| offer.person == person.id);
        let sealed = offer.ok_or(NotIn::WrongCode)?.sealed;
        let plain = secret::unseal(&self.totp_key(), &person.id, &sealed);
        let plain = plain.ok_or(NotIn::WrongCode)?;
        let step = totp::step_of(&plain, code, now, None).ok_or(NotIn::WrongCode)?;
        let set = AccountCommand::SetTotp {
            id: person.id.clone(),
            secret: Some(sealed),
        };
        self.perform(actor, &[set]).await?;
        self.use_up(person, step).await?;
        Ok(())
    }

    /// Stops asking for one-time codes.
    ///
    /// # Errors
    /// The rules or the log.
    pub async fn stop_codes(&self, id: &str, actor: &Actor) -> Result<(), Failure> {
        let set = AccountCommand::SetTotp {
            id: id.to_owned(),
            secret: None,
        };
        self.perform(actor, &[set]).await.map(drop)
    }

    /// Whether a code is right and was not used, on any node; it is used up with this.
    pub(super) async fn code_is_right(&self, person: &Person, code: &str) -> Result<bool, Failure> {
        let Some(sealed) = &person.totp else {
            return Ok(false);
        };
        let Some(plain) = secret::unseal(&self.totp_key(), &person.id, sealed) else {
            tracing::error!(person = %person.id, "a secret of one-time codes cannot be opened; was the log's secret changed?");
            return Ok(false);
        };
        self.0.seen.hear(Kind::Code, &self.0.log).await?;
        let last = self.0.seen.last(Kind::Code, &person.id);
        let last = last.map(|at| at.millis().div_euclid(STEP_MS));
        match totp::step_of(&plain, code, self.now(), last) {
            Some(step) => self.use_up(person, step).await,
            None => Ok(false),
        }
    }

    /// Answers whether nobody was faster with the same code.
    async fn use_up(&self, person: &Person, step: i64) -> Result<bool, Failure> {
        let at = Timestamp::from_millis(step * STEP_MS);
        let is_first = self.0.seen.advance(Kind::Code, &person.id, at);
        self.0.seen.tell(Kind::Code, &self.0.log).await?;
        Ok(is_first)
    }

    fn totp_key(&self) -> [u8; 32] {
        secret::key(&self.secret(), "totp")
    }
}
