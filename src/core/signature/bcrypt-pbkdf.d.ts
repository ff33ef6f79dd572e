/** The part of the package that is used. */
declare module 'bcrypt-pbkdf' {
  interface BcryptPbkdf {
    /** Fills `key`; 0 when it did, another number when an argument is out of its range. */
    pbkdf(
      passphrase: Uint8Array,
      passphraseBytes: number,
      salt: Uint8Array,
      saltBytes: number,
      key: Uint8Array,
      keyBytes: number,
      rounds: number,
    ): number;
  }
  const bcrypt: BcryptPbkdf;
  export = bcrypt;
}
