//! TLS that the node serves itself: rustls with ring, TLS 1.2 and 1.3. ASVS 12.1.1, 12.1.2.

use std::path::PathBuf;
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::Problem;
use super::reader::closed_to_others;

#[derive(Clone, Debug)]
pub struct TlsFiles {
    pub certificate: PathBuf,
    pub key: PathBuf,
}

impl TlsFiles {
    /// Reads both files and sees that they belong together.
    pub fn server_config(&self) -> Result<ServerConfig, Problem> {
        let bad_certificate = |why: String| Problem::new("tls.certificate", why);
        let bad_key = |why: String| Problem::new("tls.key", why);
        let chain: Vec<CertificateDer> =
            CertificateDer::pem_file_iter(&self.certificate)
                .and_then(Iterator::collect)
                .map_err(|e| bad_certificate(format!("{} cannot be read: {e}", self.certificate.display())))?;
        if chain.is_empty() {
            return Err(bad_certificate(format!("{} holds no PEM certificate", self.certificate.display())));
        }
        closed_to_others(&self.key).map_err(bad_key)?;
        let key = PrivateKeyDer::from_pem_file(&self.key)
            .map_err(|_| bad_key(format!("{} holds no PEM private key", self.key.display())))?;
        ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])
            .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, key))
            .map_err(|e| bad_key(format!("certificate and key do not work together: {e}")))
    }
}
