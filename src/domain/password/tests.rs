mod hasher;
mod policy;
