//! Who may enter is answered before what they sent: a form that is not right waits until the guard beside
//! it has decided, so that somebody of the wrong role is told that and nothing about the form. ASVS 8.2.1.

use actix_web::{HttpMessage, HttpRequest};
use tokio::sync::oneshot;

/// Kept by the guard while it decides; dropped, it opens.
pub struct Deciding(#[expect(dead_code, reason = "what counts is when it is dropped")] oneshot::Sender<()>);

/// What a form waits at.
pub struct Gate(Option<oneshot::Receiver<()>>);

struct Kept(oneshot::Receiver<()>);

/// For the guard of a request, which stands before the form in a handler's arguments.
pub fn close(req: &HttpRequest) -> Deciding {
    let (deciding, gate) = oneshot::channel();
    req.extensions_mut().insert(Kept(gate));
    Deciding(deciding)
}

/// For the form of a request; open where no guard decides.
pub fn of(req: &HttpRequest) -> Gate {
    Gate(req.extensions_mut().remove::<Kept>().map(|kept| kept.0))
}

impl Gate {
    /// Until the guard has decided. Where it refused, nobody comes back from here.
    pub async fn opened(self) {
        if let Some(deciding) = self.0 {
            let _ = deciding.await;
        }
    }
}
