//! A certificate authority of the test's own.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tempfile::NamedTempFile;

/// Signs certificates for any host name; its own certificate lies in a file, as operators give it.
pub struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    file: NamedTempFile,
}

impl Authority {
    pub fn new() -> Self {
        vestibule::outbox::network::use_ring();
        let mut params = CertificateParams::new(Vec::new()).expect("no names are valid names");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        // A name of its own: OpenSSL takes a certificate whose issuer has its own name for self-signed.
        params.distinguished_name.push(DnType::CommonName, "An authority of a test");
        let key = KeyPair::generate().expect("a key is made");
        let issuer = CertifiedIssuer::self_signed(params, key).expect("the authority signs itself");
        let mut file = NamedTempFile::new().expect("a temporary file");
        file.write_all(issuer.pem().as_bytes()).expect("the file is written");
        Self { issuer, file }
    }

    pub fn file(&self) -> &Path {
        self.file.path()
    }

    /// A certificate for `host` and its key, as files in `folder`.
    pub fn files(&self, host: &str, folder: &Path) -> (PathBuf, PathBuf) {
        let key = KeyPair::generate().expect("a key is made");
        let params = CertificateParams::new(vec![host.to_owned()]).expect("a host name or address");
        let certificate = params.signed_by(&key, &self.issuer).expect("the authority signs");
        let (pem, private) = (folder.join("server.pem"), folder.join("server.key"));
        std::fs::write(&pem, certificate.pem()).expect("the certificate is written");
        std::fs::write(&private, key.serialize_pem()).expect("the key is written");
        (pem, private)
    }

    /// The TLS settings of a server that shows a certificate for `host`, a name or an address.
    pub fn server(&self, host: &str) -> Arc<ServerConfig> {
        let key = KeyPair::generate().expect("a key is made");
        let params = CertificateParams::new(vec![host.to_owned()]).expect("a host name or address");
        let certificate = params.signed_by(&key, &self.issuer).expect("the authority signs");
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let config = ServerConfig::builder()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)
            .expect("key and certificate match");
        Arc::new(config)
    }
}
