//! Outside identity providers, OpenID Connect: authorization code with PKCE, nonce and state. What
//! a provider says is only a subject; which person that is stands in the directory. A provider
//! that is away keeps nobody from signing in by password.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use openidconnect::core::{
    CoreAuthenticationFlow, CoreClient, CoreIdTokenVerifier, CoreProviderMetadata,
};
use openidconnect::{
    AuthorizationCode, ClaimsVerificationError, ClientId, ClientSecret, CsrfToken,
    EndpointMaybeSet, EndpointNotSet, EndpointSet, HttpRequest, HttpResponse, IssuerUrl, Nonce,
    PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, Scope, TokenResponse as _,
};
use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;

use crate::config;

/// How long what a provider says of itself is believed without asking again.
const BELIEVED: Duration = Duration::from_hours(1);
/// How long a provider may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// The longest answer read, in bytes.
const MAX_ANSWER: usize = 1024 * 1024;

/// Why a sign-in by a provider came to nothing; the text is for the log, not for people.
#[derive(Debug, thiserror::Error)]
pub enum ProviderError {
    /// There is no provider of this name.
    #[error("there is no such provider")]
    Unknown,
    /// The provider does not answer, or not as it should.
    #[error("the provider does not answer as it should: {0}")]
    Away(String),
    /// What it vouches for does not hold.
    #[error("the provider's word does not hold: {0}")]
    Untrue(String),
}

/// A sign-in that is on its way to the provider and back.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Pending {
    /// The provider.
    pub provider: String,
    state: String,
    nonce: String,
    verifier: String,
    /// The sign-in whose person wants to be joined to the subject; none to sign in by it.
    pub join: Option<String>,
}

impl Pending {
    /// Whether the answer belongs to this very question.
    pub fn is_answered_by(&self, provider: &str, state: &str) -> bool {
        use subtle::ConstantTimeEq as _;
        self.provider == provider && bool::from(self.state.as_bytes().ct_eq(state.as_bytes()))
    }
}

/// Every provider of this county.
#[derive(Debug)]
pub struct Providers {
    all: Vec<Provider>,
    http: reqwest::Client,
}

#[derive(Debug)]
struct Provider {
    name: String,
    title: String,
    issuer: IssuerUrl,
    id: ClientId,
    secret: Option<ClientSecret>,
    back: RedirectUrl,
    metadata: Mutex<Option<(Instant, Arc<CoreProviderMetadata>)>>,
}

type Client = CoreClient<
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

impl Providers {
    /// The providers of a configuration; `url` is where people reach this server.
    ///
    /// # Errors
    /// A provider is set up in a way that can't work; the message says which and how.
    pub fn new(configured: &[config::Provider], url: &str) -> anyhow::Result<Self> {
        crate::tls::ready();
        let all: anyhow::Result<Vec<_>> = configured.iter().map(|one| provider(one, url)).collect();
        let http = reqwest::Client::builder()
            .timeout(PATIENCE)
            // A provider that sends us elsewhere could send us into the county's own network.
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .context("no HTTP client")?;
        Ok(Self { all: all?, http })
    }

    /// Name in addresses and name on the button.
    pub fn offered(&self) -> Vec<(String, String)> {
        let both = |one: &Provider| (one.name.clone(), one.title.clone());
        self.all.iter().map(both).collect()
    }

    /// Begins: where to send the browser, and what to remember until it comes back.
    ///
    /// # Errors
    /// See [`ProviderError`].
    pub async fn begin(
        &self,
        name: &str,
        join: Option<String>,
    ) -> Result<(String, Pending), ProviderError> {
        let provider = self.find(name)?;
        let client = provider.client(&self.http, false).await?;
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let (url, state, nonce) = client
            .authorize_url(
                CoreAuthenticationFlow::AuthorizationCode,
                CsrfToken::new_random,
                Nonce::new_random,
            )
            .add_scope(Scope::new("profile".to_owned()))
            .set_pkce_challenge(challenge)
            .url();
        let pending = Pending {
            provider: name.to_owned(),
            state: state.into_secret(),
            nonce: nonce.secret().clone(),
            verifier: verifier.into_secret(),
            join,
        };
        Ok((url.to_string(), pending))
    }

    /// Ends: the subject that the provider vouches for.
    ///
    /// # Errors
    /// See [`ProviderError`].
    pub async fn finish(&self, pending: &Pending, code: &str) -> Result<String, ProviderError> {
        let provider = self.find(&pending.provider)?;
        let client = provider.client(&self.http, false).await?;
        let http = self.http.clone();
        let call = move |request| call(http.clone(), request);
        let answer = client
            .exchange_code(AuthorizationCode::new(code.to_owned()))
            .map_err(|error| ProviderError::Away(error.to_string()))?
            .set_pkce_verifier(PkceCodeVerifier::new(pending.verifier.clone()))
            .request_async(&call)
            .await
            .map_err(|error| ProviderError::Untrue(error.to_string()))?;
        let token = answer
            .id_token()
            .ok_or_else(|| ProviderError::Untrue("it sent no id token".to_owned()))?;
        let nonce = Nonce::new(pending.nonce.clone());
        let verifier: CoreIdTokenVerifier<'_> = client.id_token_verifier();
        match token.claims(&verifier, &nonce) {
            Ok(claims) => Ok(claims.subject().as_str().to_owned()),
            // It may have changed its keys since we asked.
            Err(ClaimsVerificationError::SignatureVerification(_)) => {
                let client = provider.client(&self.http, true).await?;
                let verifier: CoreIdTokenVerifier<'_> = client.id_token_verifier();
                let claims = token.claims(&verifier, &nonce);
                claims
                    .map(|claims| claims.subject().as_str().to_owned())
                    .map_err(|error| ProviderError::Untrue(error.to_string()))
            }
            Err(error) => Err(ProviderError::Untrue(error.to_string())),
        }
    }

    fn find(&self, name: &str) -> Result<&Provider, ProviderError> {
        let found = self.all.iter().find(|provider| provider.name == name);
        found.ok_or(ProviderError::Unknown)
    }
}

impl Provider {
    async fn client(&self, http: &reqwest::Client, anew: bool) -> Result<Client, ProviderError> {
        let metadata = self.metadata(http, anew).await?;
        Ok(CoreClient::from_provider_metadata(
            (*metadata).clone(),
            self.id.clone(),
            self.secret.clone(),
        )
        .set_redirect_uri(self.back.clone()))
    }

    async fn metadata(
        &self,
        http: &reqwest::Client,
        anew: bool,
    ) -> Result<Arc<CoreProviderMetadata>, ProviderError> {
        let mut held = self.metadata.lock().await;
        if let Some((at, metadata)) = held.as_ref()
            && at.elapsed() < BELIEVED
            && !anew
        {
            return Ok(Arc::clone(metadata));
        }
        let http = http.clone();
        let call = move |request| call(http.clone(), request);
        let found = CoreProviderMetadata::discover_async(self.issuer.clone(), &call)
            .await
            .map_err(|error| ProviderError::Away(error.to_string()));
        match (found, held.as_ref()) {
            (Ok(found), _) => {
                let found = Arc::new(found);
                *held = Some((Instant::now(), Arc::clone(&found)));
                Ok(found)
            }
            // What it said an hour ago is better than nothing.
            (Err(_), Some((_, old))) if !anew => Ok(Arc::clone(old)),
            (Err(error), _) => Err(error),
        }
    }
}

fn provider(one: &config::Provider, url: &str) -> anyhow::Result<Provider> {
    let name = &one.name;
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    anyhow::ensure!(
        !name.is_empty() && name.chars().all(plain),
        "[[oidc]] name {name:?}: use lower-case letters, digits and '-'"
    );
    let issuer = IssuerUrl::new(one.issuer.clone());
    let issuer = issuer.with_context(|| format!("[[oidc]] {name}: issuer {:?}", one.issuer))?;
    let back = format!("{url}/api/v1/sign-in/{name}/back");
    let secret = match (&one.client_secret, &one.client_secret_file) {
        (Some(secret), _) => Some(secret.clone()),
        (None, Some(path)) => {
            let text = std::fs::read_to_string(path);
            let text = text.with_context(|| {
                format!("[[oidc]] {name}: client_secret_file {}", path.display())
            })?;
            Some(text.trim().to_owned())
        }
        (None, None) => None,
    };
    Ok(Provider {
        name: name.clone(),
        title: one.title.clone(),
        issuer,
        id: ClientId::new(one.client_id.clone()),
        secret: secret.map(ClientSecret::new),
        back: RedirectUrl::new(back).context("public_url is no address")?,
        metadata: Mutex::new(None),
    })
}

/// Why a provider could not be asked.
#[derive(Debug, thiserror::Error)]
enum CallError {
    #[error("{0}")]
    Http(#[from] reqwest::Error),
    #[error("the answer cannot be put together: {0}")]
    Answer(#[from] http::Error),
    #[error("the answer is longer than {MAX_ANSWER} bytes")]
    TooLong,
}

async fn call(http: reqwest::Client, request: HttpRequest) -> Result<HttpResponse, CallError> {
    let (parts, body) = request.into_parts();
    let mut answer = http
        .request(parts.method, parts.uri.to_string())
        .headers(parts.headers)
        .body(body)
        .send()
        .await?;
    let mut bytes = Vec::new();
    while let Some(chunk) = answer.chunk().await? {
        bytes.extend_from_slice(&chunk);
        if bytes.len() > MAX_ANSWER {
            return Err(CallError::TooLong);
        }
    }
    let mut response = http::Response::builder().status(answer.status());
    if let Some(headers) = response.headers_mut() {
        headers.clone_from(answer.headers());
    }
    Ok(response.body(bytes)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn configured(name: &str, issuer: &str) -> config::Provider {
        config::Provider {
            name: name.to_owned(),
            title: "统一认证".to_owned(),
            issuer: issuer.to_owned(),
            client_id: "gridlamp".to_owned(),
            client_secret: None,
            client_secret_file: None,
        }
    }

    #[test]
    fn a_provider_that_can_not_work_is_named() {
        let url = "https://grid.example";
        let good = Providers::new(&[configured("gov", "https://id.example")], url);
        let offered = good.expect("good").offered();
        assert_eq!(offered, [("gov".to_owned(), "统一认证".to_owned())]);
        assert!(Providers::new(&[configured("a/b", "https://id.example")], url).is_err());
        assert!(Providers::new(&[configured("gov", "id.example")], url).is_err());
        let mut missing = configured("gov", "https://id.example");
        missing.client_secret_file = Some("no/such/file".into());
        assert!(Providers::new(&[missing], url).is_err());
    }

    #[tokio::test]
    async fn a_provider_that_is_away_is_no_more_than_that() {
        // Nothing listens on the discard port of this machine.
        let away = Providers::new(
            &[configured("gov", "http://127.0.0.1:9")],
            "http://x.example",
        );
        let begun = away.expect("providers").begin("gov", None).await;
        assert!(matches!(begun, Err(ProviderError::Away(_))));
    }
}
