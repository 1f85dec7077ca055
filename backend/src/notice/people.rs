//! Who the people behind an addressee are, and by which numbers and browsers they are reached.

use std::collections::BTreeSet;

use domain::account::{Directory, Person};
use domain::notice::To;
use domain::pack::County;
use domain::pack::orgs::{OrgId, PersonRole};
use domain::time::Timestamp;
use domain::wire::notice::Tongue;

use super::book::Book;
use super::own::Subscription;
/// Most phones that one notice goes to.
const MOST: usize = 20;

/// A phone, and whose it is in the record.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Phone {
    /// `person:ID`, `org:ID` or `reporter`.
    pub whose: String,
    /// The number.
    pub number: String,
    /// In which language they are told.
    pub language: Tongue,
}

/// A browser, and whose it is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Browser {
    /// The person.
    pub person: String,
    /// The browser.
    pub subscription: Subscription,
    /// In which language they are told.
    pub language: Tongue,
}

/// All that says who may be told, and how.
pub(super) struct People<'a> {
    /// Who has an account.
    pub directory: &'a Directory,
    /// Who works where.
    pub county: &'a County,
    /// How each wants to be told.
    pub book: &'a Book,
    /// The time that accounts go by.
    pub now: Timestamp,
    /// The county's time: office hours.
    pub at: Timestamp,
    /// Whether what people turned off comes all the same.
    pub is_urgent: bool,
}

/// A number as a gateway takes it: digits, with a `+` before them at most.
pub(super) fn number(text: &str) -> Option<String> {
    let plain: String = text
        .chars()
        .filter(|c| !matches!(c, ' ' | '-' | '(' | ')'))
        .collect();
    let digits = plain.strip_prefix('+').unwrap_or(&plain);
    let good = (5..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    good.then_some(plain)
}

impl People<'_> {
    /// The phones of an addressee. An organisation's are its people's with an account, its head's
    /// and those on duty; at night, where nobody else is there, those on duty alone. Who has the
    /// room's shift is on duty, and first. Its duty phone where there is none of these.
    pub fn phones(&self, to: &To) -> Vec<Phone> {
        let mut found = Found::default();
        match to {
            To::Org(org) => {
                let on_shift = self.on_shift(org);
                if let Some(person) = on_shift {
                    self.add(&mut found, &person.id, person.phone.as_deref());
                }
                if self.is_staffed(org) {
                    for person in self.directory.people_of(org, self.now) {
                        self.add(&mut found, &person.id, person.phone.as_deref());
                    }
                    self.add_roles(&mut found, org, &[PersonRole::Head, PersonRole::Duty]);
                } else if found.phones.is_empty() {
                    self.add_roles(&mut found, org, &[PersonRole::Duty]);
                }
                if found.phones.is_empty() {
                    return self.duty_phone(org);
                }
            }
            To::Reporter { person, .. } => {
                let person = person.as_deref().and_then(|id| self.directory.person(id));
                if let Some(person) = person.filter(|person| !person.disabled) {
                    self.add(&mut found, &person.id, person.phone.as_deref());
                }
            }
        }
        found.phones
    }

    /// Whom a call goes to: who has the room's shift, where it keeps shifts; else as a message.
    pub fn to_call(&self, to: &To) -> Vec<Phone> {
        let mut found = Found::default();
        if let To::Org(org) = to
            && let Some(person) = self.on_shift(org)
        {
            self.add(&mut found, &person.id, person.phone.as_deref());
        }
        if found.phones.is_empty() {
            return self.phones(to);
        }
        found.phones
    }

    /// Who answers for the room now, as far as they still may.
    fn on_shift(&self, org: &OrgId) -> Option<&Person> {
        let shift = self.directory.room(org)?.now.as_ref()?;
        let person = self.directory.person(&shift.person)?;
        (!person.disabled).then_some(person)
    }

    /// The phones of an organisation's deputies.
    pub fn deputies(&self, org: &OrgId) -> Vec<Phone> {
        let mut found = Found::default();
        self.add_roles(&mut found, org, &[PersonRole::Deputy]);
        found.phones
    }

    /// The phone that an organisation answers round the clock.
    pub fn duty_phone(&self, org: &OrgId) -> Vec<Phone> {
        let known = self.county.orgs.get(org);
        let phone = known.and_then(|org| org.phone.as_deref());
        let mut found = Found::default();
        found.add(format!("org:{org}"), phone, Tongue::default());
        found.phones
    }

    /// The browsers of an addressee.
    pub fn browsers(&self, to: &To) -> Vec<Browser> {
        let people: Vec<&Person> = match to {
            To::Org(org) => self.directory.people_of(org, self.now).collect(),
            To::Reporter { person, .. } => {
                let person = person.as_deref().and_then(|id| self.directory.person(id));
                person
                    .filter(|person| !person.disabled)
                    .into_iter()
                    .collect()
            }
        };
        let theirs = people.into_iter().flat_map(|person| {
            let settings = self.book.settings(&person.id);
            let wanted = settings.push || self.is_urgent;
            let all = self.book.subscriptions(&person.id).filter(move |_| wanted);
            all.map(move |one| Browser {
                person: person.id.clone(),
                subscription: one.clone(),
                language: settings.language,
            })
        });
        theirs.collect()
    }

    fn is_staffed(&self, org: &OrgId) -> bool {
        let known = self.county.orgs.get(org);
        known.is_none_or(|org| org.is_on_duty(self.at, &self.county.calendar))
    }

    fn add_roles(&self, found: &mut Found, org: &OrgId, roles: &[PersonRole]) {
        for person in self.county.orgs.people_of(org) {
            if roles.contains(&person.role) {
                self.add(found, &person.id, person.phone.as_deref());
            }
        }
    }

    fn add(&self, found: &mut Found, id: &str, phone: Option<&str>) {
        let settings = self.book.settings(id);
        if settings.sms || self.is_urgent {
            found.add(format!("person:{id}"), phone, settings.language);
        }
    }
}

#[derive(Default)]
struct Found {
    phones: Vec<Phone>,
    known: BTreeSet<String>,
}

impl Found {
    fn add(&mut self, whose: String, phone: Option<&str>, language: Tongue) {
        let Some(number) = phone.and_then(number) else {
            return;
        };
        if self.phones.len() < MOST && self.known.insert(number.clone()) {
            self.phones.push(Phone {
                whose,
                number,
                language,
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_numbers_pass() {
        assert_eq!(
            number("+86 138-0000 1234"),
            Some("+8613800001234".to_owned())
        );
        for wrong in [
            "",
            "1234",
            "13800001234;1",
            "138x0001234",
            "1234567890123456",
        ] {
            assert_eq!(number(wrong), None, "{wrong}");
        }
    }
}
