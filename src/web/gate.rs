//! Who may enter is answered before what they sent: a form that is not right waits until the guard beside
//! it has decided, so that somebody of the wrong role is told that and nothing about the form. ASVS 8.2.1.
//! One thing the guard wants to know of the form: whether it was made in another organization of theirs, since
//! where they are now they may have no role. SPEC section 2.

use actix_web::{HttpMessage, HttpRequest};
use tokio::sync::oneshot;

/// What is said of a form that was made before a switch.
pub const SWITCHED: &str = "You switched organization in another tab. Nothing was changed.";

/// Kept by the guard while it decides; dropped, it opens.
pub struct Deciding {
    #[expect(dead_code, reason = "what counts is when it is dropped")]
    opens: oneshot::Sender<()>,
    switched: oneshot::Receiver<()>,
    req: HttpRequest,
}

/// What a form waits at.
pub struct Gate(Option<Kept>);

struct Kept {
    opened: oneshot::Receiver<()>,
    switched: Option<oneshot::Sender<()>>,
}

/// For the guard of a request, which stands before the form in a handler's arguments.
pub fn close(req: &HttpRequest) -> Deciding {
    let ((opens, opened), (tells, switched)) = (oneshot::channel(), oneshot::channel());
    req.extensions_mut().insert(Kept { opened, switched: Some(tells) });
    Deciding { opens, switched, req: req.clone() }
}

/// For the form of a request; open where no guard decides.
pub fn of(req: &HttpRequest) -> Gate {
    Gate(req.extensions_mut().remove::<Kept>())
}

impl Deciding {
    /// Whether the form beside the guard is ours, and was made in another organization that this person
    /// administers. Waits until it was read; a form never waits for the guard before it has told.
    pub async fn is_from_before_a_switch(&mut self) -> bool {
        let no_form = self.req.extensions().contains::<Kept>();
        !no_form && (&mut self.switched).await.is_ok()
    }
}

impl Gate {
    /// Tells the guard that the form was made before a switch.
    pub fn tell_switched(&mut self) {
        if let Some(tells) = self.0.as_mut().and_then(|kept| kept.switched.take()) {
            let _ = tells.send(());
        }
    }

    /// Until the guard has decided. Where it refused, nobody comes back from here.
    pub async fn opened(self) {
        if let Some(Kept { opened, switched }) = self.0 {
            drop(switched);
            let _ = opened.await;
        }
    }
}
