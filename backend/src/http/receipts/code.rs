//! The code of a receipt: a keyed hash of the incident's id. Nothing is stored: every node holds the
//! log's secret, so every node knows every receipt, and a copy of the log without it knows none.

use axum::http::StatusCode;
use domain::ids::IncidentId;
use domain::receipt::{self, Receipt};
use subtle::ConstantTimeEq;

use crate::account::secret;
use crate::http::state::Server;
use crate::log::Log;
use crate::problem::Problem;

/// The receipt of an incident.
pub(super) fn receipt(server: &Server, id: IncidentId, number: &str) -> Receipt {
    Receipt {
        number: number.to_owned(),
        code: code(&server.log.secret(), id),
    }
}

/// Whether a receipt has the code of this incident, in the same time whatever the answer.
pub(super) fn fits(server: &Server, id: IncidentId, receipt: &Receipt) -> bool {
    let right = code(&server.log.secret(), id);
    right.as_bytes().ct_eq(receipt.code.as_bytes()).into()
}

/// An id that no incident has.
pub(super) fn nobody(server: &Server) -> IncidentId {
    IncidentId::of_origin(server.county.code, "", "")
}

/// The one answer to every receipt that opens nothing.
pub(super) fn none() -> Problem {
    Problem::new(
        StatusCode::NOT_FOUND,
        "unknown_receipt",
        "没有这个回执，请核对编号和查询码",
        "There is no such receipt; check its number and code",
    )
}

fn code(log_secret: &[u8; 32], id: IncidentId) -> String {
    let key = secret::key(log_secret, "receipt");
    receipt::code(&secret::mac(&key, &[&id.to_bytes()]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_of_one_incident_and_one_county() {
        let county = "330899".parse().expect("code");
        let [a, b] = ["a", "b"].map(|name| IncidentId::of_origin(county, "citizen", name));
        assert_eq!(code(&[7; 32], a), code(&[7; 32], a));
        assert_ne!(code(&[7; 32], a), code(&[7; 32], b));
        assert_ne!(code(&[7; 32], a), code(&[8; 32], a));
    }
}
