//! Receipts of a gateway: whether a message it took reached the phone. Found by the gateway's own
//! name for it; what is not known, or was told before, changes nothing.

use serde::Deserialize;
use subtle::ConstantTimeEq as _;

use super::Notices;
use super::book::{Delivery, Entry, Outcome};
use crate::log::LogError;

/// Receipts taken at once.
const MOST: usize = 1_000;

/// One receipt, as Aliyun's SmsReport has it; others are brought to this shape by a proxy.
#[derive(Clone, Debug, Deserialize)]
pub struct Receipt {
    /// The gateway's name for the message.
    biz_id: String,
    /// Whether it arrived.
    success: bool,
    /// Why not.
    #[serde(default)]
    err_code: Option<String>,
}

impl Notices {
    /// Whether somebody who brings receipts knows the secret that the gateway was given; never
    /// where none is set.
    pub fn is_gateway(&self, shown: &str) -> bool {
        let known = self.0.receipts.as_deref();
        known.is_some_and(|known| known.as_bytes().ct_eq(shown.as_bytes()).into())
    }

    /// Writes down what receipts say; answers how many told something new.
    ///
    /// # Errors
    /// The log does not take it: the gateway brings them again.
    pub async fn receive(&self, receipts: &[Receipt]) -> Result<usize, LogError> {
        self.read_on().await?;
        let at = self.0.clock.now();
        let news: Vec<Entry> = self.read(|book| {
            let told = receipts.iter().take(MOST).filter_map(|receipt| {
                let (key, known) = book.by_reference(&receipt.biz_id)?;
                let (outcome, why) = if receipt.success {
                    (Outcome::Delivered, None)
                } else {
                    (Outcome::Failed, Some(why(receipt)))
                };
                let delivery = Delivery {
                    outcome,
                    why,
                    at,
                    ..known.clone()
                };
                (known.outcome != outcome).then(|| Entry::Went {
                    key: key.to_owned(),
                    delivery,
                })
            });
            told.collect()
        });
        if !news.is_empty() {
            self.append(&news, |_| true).await?;
        }
        Ok(news.len())
    }
}

fn why(receipt: &Receipt) -> String {
    let code = receipt.err_code.as_deref().unwrap_or("unknown");
    let code: String = code.chars().take(80).collect();
    format!("not delivered: {code}")
}
