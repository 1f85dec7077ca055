//! Passwords: Argon2id at rest, at most two computed at a time so that sign-ins can't eat the
//! machine, and the rules for choosing one (long enough, not known from breaches, not guessable).

use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::Context as _;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use domain::account::Person;
use domain::pack::County;
use domain::refusal::{Class, Refusal};
use tokio::sync::Semaphore;

/// Memory of one hash in KiB, passes and lanes: OWASP's first choice for Argon2id with 19 MiB.
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;
/// Hashes computed at a time.
const AT_A_TIME: usize = 2;
/// Hashes that may wait; more are sent away. At some 20 ms each that is about a second.
const MAX_WAITING: usize = 100;
/// The shortest password whatever the county says (NIST SP 800-63B).
const LEAST_CHARS: usize = 8;
/// The longest password; longer ones would only make the server work.
pub const MOST_CHARS: usize = 128;

/// Too many passwords wait to be checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many people sign in at once")]
pub struct Overloaded;

/// What checking a password found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Checked {
    /// Whether it is right.
    pub right: bool,
    /// Whether it was hashed with other parameters than today's.
    pub outdated: bool,
}

/// Hashes and checks passwords.
#[derive(Debug)]
pub struct Passwords {
    permits: Arc<Semaphore>,
    waiting: AtomicUsize,
    min_chars: usize,
    breached: HashSet<String>,
    /// Checked for names nobody has, so that they take as long as others.
    nobodys: String,
}

impl Passwords {
    /// Reads the list of breached passwords, one a line, if there is one.
    ///
    /// # Errors
    /// The list can't be read.
    pub fn new(min_chars: usize, breached: Option<&Path>) -> anyhow::Result<Self> {
        let breached = match breached {
            Some(path) => read_list(path).with_context(|| {
                format!(
                    "the list of breached passwords {} cannot be read",
                    path.display()
                )
            })?,
            None => HashSet::new(),
        };
        let nobodys = compute("nobody's password").context("Argon2 does not work here")?;
        Ok(Self {
            permits: Arc::new(Semaphore::new(AT_A_TIME)),
            waiting: AtomicUsize::new(0),
            min_chars: min_chars.clamp(LEAST_CHARS, MOST_CHARS),
            breached,
            nobodys,
        })
    }

    /// The shortest password allowed, in characters.
    pub fn min_chars(&self) -> usize {
        self.min_chars
    }

    /// Checks a password against its hash; without a hash it takes as long and is wrong.
    ///
    /// # Errors
    /// Too many wait.
    pub async fn check(&self, password: &str, phc: Option<&str>) -> Result<Checked, Overloaded> {
        let exists = phc.is_some();
        let phc = phc.unwrap_or(&self.nobodys).to_owned();
        // A longer one is nobody's; its head takes as long to check as any.
        let fits = password.chars().count() <= MOST_CHARS;
        let password: String = password.chars().take(MOST_CHARS).collect();
        let checked = self.run(move || check(&password, &phc)).await?;
        Ok(Checked {
            right: checked.right && exists && fits,
            ..checked
        })
    }

    /// Hashes a password with today's parameters.
    ///
    /// # Errors
    /// Too many wait.
    pub async fn hash(&self, password: &str) -> Result<String, Overloaded> {
        let password = password.to_owned();
        self.run(move || compute(&password).map_err(|_| Overloaded))
            .await?
    }

    async fn run<T, F>(&self, work: F) -> Result<T, Overloaded>
    where
        T: Send + 'static,
        F: FnOnce() -> T + Send + 'static,
    {
        let _place = Place::take(&self.waiting)?;
        let permit = Arc::clone(&self.permits).acquire_owned().await;
        let permit = permit.map_err(|_| Overloaded)?;
        // The permit goes with the work: it runs on even if whoever asked has hung up.
        let task = tokio::task::spawn_blocking(move || {
            let done = work();
            drop(permit);
            done
        });
        task.await.map_err(|_| Overloaded)
    }

    /// Whether a password may be chosen. `own` is what others know of the person: their id, name,
    /// phone, and the names of the county's places.
    ///
    /// # Errors
    /// What is wrong with it, in a sentence.
    pub fn judge(&self, password: &str, own: &[&str]) -> Result<(), Refusal> {
        let count = password.chars().count();
        if count < self.min_chars {
            let min = self.min_chars;
            return Err(weak(
                format!("密码至少需要 {min} 个字符，可以是一句自己记得住的话"),
                format!(
                    "A password has at least {min} characters; a sentence you remember is fine"
                ),
            ));
        }
        if count > MOST_CHARS {
            return Err(weak(
                format!("密码最多 {MOST_CHARS} 个字符"),
                format!("A password has at most {MOST_CHARS} characters"),
            ));
        }
        if password.chars().any(char::is_control) {
            return Err(weak(
                "密码不能包含控制字符",
                "A password has no control characters",
            ));
        }
        let lower = password.to_lowercase();
        if self.breached.contains(password) || self.breached.contains(&lower) {
            return Err(weak(
                "这个密码曾在泄露的名单中出现，请换一个",
                "This password is on a list of breached ones; choose another",
            ));
        }
        let own: Vec<String> = own.iter().map(|text| text.to_lowercase()).collect();
        if is_mostly_known(&lower, &own) || is_guessable(password, &own) {
            return Err(weak(
                "这个密码容易被猜到（常用词、姓名、电话、日期或键盘顺序），请换一个更长或更少见的",
                "This password is easily guessed (common words, names, phones, dates or rows of keys); \
                 choose a longer or less usual one",
            ));
        }
        Ok(())
    }
}

/// What others know of a person and would try first.
pub fn own_words(person: &Person, county: &County) -> Vec<String> {
    let mut own = vec![person.id.clone(), person.name.clone(), county.name.clone()];
    own.extend(person.phone.clone());
    let places = county.tree.children(county.code);
    own.extend(places.map(|region| region.name.clone()));
    own
}

/// A place among those that wait; given back when dropped.
struct Place<'a>(&'a AtomicUsize);

impl<'a> Place<'a> {
    fn take(waiting: &'a AtomicUsize) -> Result<Self, Overloaded> {
        if waiting.fetch_add(1, Ordering::Relaxed) >= MAX_WAITING {
            waiting.fetch_sub(1, Ordering::Relaxed);
            return Err(Overloaded);
        }
        Ok(Self(waiting))
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

fn weak(zh: impl Into<String>, en: impl Into<String>) -> Refusal {
    Refusal {
        class: Class::Refused,
        ..Refusal::field("/password", "weak_password", zh, en)
    }
}

fn is_guessable(password: &str, own: &[String]) -> bool {
    let own: Vec<&str> = own.iter().map(String::as_str).collect();
    zxcvbn::zxcvbn(password, &own).score() < zxcvbn::Score::Three
}

/// The estimator knows words between spaces only: what is left when one's own names and numbers
/// are taken out must still be a password.
fn is_mostly_known(lower: &str, own: &[String]) -> bool {
    let mut left = lower.to_owned();
    for text in own.iter().filter(|text| text.chars().count() >= 2) {
        left = left.replace(text.as_str(), "");
    }
    left.chars().count() < LEAST_CHARS && left.len() < lower.len()
}

fn argon2() -> Option<Argon2<'static>> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).ok()?;
    Some(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn compute(password: &str) -> anyhow::Result<String> {
    let argon2 = argon2().context("the parameters are wrong")?;
    let hash = argon2.hash_password(password.as_bytes());
    Ok(hash
        .map_err(|error| anyhow::anyhow!("{error}"))?
        .to_string())
}

fn check(password: &str, phc: &str) -> Checked {
    let Ok(parsed) = PasswordHash::new(phc) else {
        return Checked {
            right: false,
            outdated: true,
        };
    };
    // The hash's own parameters are used, not today's.
    let right = Argon2::default()
        .verify_password(password.as_bytes(), &parsed)
        .is_ok();
    let today = format!("$argon2id$v=19$m={MEMORY_KIB},t={PASSES},p={LANES}$");
    Checked {
        right,
        outdated: !phc.starts_with(&today),
    }
}

fn read_list(path: &Path) -> std::io::Result<HashSet<String>> {
    let text = std::fs::read_to_string(path)?;
    Ok(text
        .lines()
        .map(|line| line.trim_end_matches('\r').to_owned())
        .filter(|line| !line.is_empty())
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passwords() -> Passwords {
        Passwords::new(10, None).expect("passwords")
    }

    #[tokio::test]
    async fn a_password_is_known_by_its_hash() {
        let passwords = passwords();
        let hash = passwords.hash("柳溪的灯今晚不亮").await.expect("hash");
        assert!(
            hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
            "{hash}"
        );
        let right = passwords.check("柳溪的灯今晚不亮", Some(&hash)).await;
        assert_eq!(
            right,
            Ok(Checked {
                right: true,
                outdated: false
            })
        );
        let wrong = passwords.check("柳溪的灯今晚亮", Some(&hash)).await;
        assert!(wrong.is_ok_and(|checked| !checked.right));
        let nobody = passwords.check("nobody's password", None).await;
        assert!(nobody.is_ok_and(|checked| !checked.right));
    }

    #[tokio::test]
    async fn an_older_hash_still_opens_and_is_told() {
        let params = Params::new(8_192, 1, 1, None).expect("params");
        let old = Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password(b"once upon a lamp")
            .expect("hash")
            .to_string();
        let checked = passwords().check("once upon a lamp", Some(&old)).await;
        assert_eq!(
            checked,
            Ok(Checked {
                right: true,
                outdated: true
            })
        );
    }

    #[test]
    fn what_is_short_common_or_ones_own_is_refused() {
        let passwords = passwords();
        let own = ["zhangwei", "张伟", "13800001234", "柳溪县", "莲花镇"];
        for bad in [
            "short",
            "password123",
            "1234567890",
            "qwertyuiop",
            "zhangwei2024",
            "13800001234",
            "张伟13800001234",
            "柳溪县莲花镇2024",
            "aaaaaaaaaaaa",
            "tab\tin the middle of it",
        ] {
            let refusal = passwords.judge(bad, &own).expect_err(bad);
            assert_eq!(refusal.code, "weak_password", "{bad}");
        }
        assert!(passwords.judge(&"x9Q-".repeat(33), &own).is_err());
        for good in [
            "hill lamp 7 river stone",
            "桥头那盏灯第三天还没修好",
            "kV9#tLm2$wQz",
        ] {
            assert_eq!(passwords.judge(good, &own), Ok(()), "{good}");
        }
    }

    #[test]
    fn a_list_of_breached_passwords_is_honoured() {
        let folder = std::env::temp_dir().join(format!("gridlamp-breach-{}", std::process::id()));
        std::fs::write(&folder, "hill lamp 7 river stone\r\n\n").expect("list");
        let passwords = Passwords::new(10, Some(&folder)).expect("passwords");
        assert!(passwords.judge("Hill Lamp 7 River Stone", &[]).is_err());
        assert!(passwords.judge("hill lamp 8 river stone", &[]).is_ok());
        std::fs::remove_file(&folder).ok();
        assert!(Passwords::new(10, Some(&folder)).is_err());
    }
}
