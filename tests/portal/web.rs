//! What holds for every answer: headers, cookies, forms, methods, the way back.

mod cookies;
mod csp_reports;
mod forgery;
mod forms;
mod headers;
mod methods;
mod return_to;
