/** What the page Keys says. Read by `en.ts`. */
export const keyStrings = {
  'mykeys.title': 'Keys',
  'mykeys.description': 'The keys that you sign approvals with: make them, back them up, withdraw them.',
  'mykeys.about':
    'You approve with a key. Its private half signs and never leaves its place; its public half goes into the trust list of everybody who is to recognise you.',
  'mykeys.loading': 'Looking for your keys…',
  'mykeys.framed.title': 'Not shown inside another page',
  'mykeys.framed.about':
    'This page works with private keys. Inside the frame of another page, that page could lay itself over the buttons and make you press them. Open it in a tab of its own.',

  'mykeys.ready.title': 'You can approve',
  'mykeys.ready.about': {
    one: '{n} key can sign, and losing it would not end your approving.',
    other: '{n} keys can sign, and if one is lost another is left.',
  },
  'mykeys.ready.next':
    'Others recognise you once the key is in their trust list: “Copy trust list entry”, and send it to whoever keeps that list.',
  'mykeys.unready.title': 'One step is missing before you can approve',
  'mykeys.unready.none': 'Add a key to begin with. It takes a minute.',
  'mykeys.unready.only':
    'This is your only key, and it exists in one place. If it were lost, nobody could sign in your name any more, so it may not approve yet.',
  'mykeys.unready.one':
    'Your keys would all be lost together. Browsers do delete what sites keep, so a key may sign approvals only when its loss is survivable.',
  'mykeys.unready.other': 'No key here can sign at the moment: each has ended or was withdrawn.',
  'mykeys.second': 'Add a second key',
  'mykeys.first': 'Add a key',
  'mykeys.backupNow': 'Back up “{label}”',

  'mykeys.readOnly':
    'This device is set to “read only”: nothing is signed, made or changed here. The settings page switches it off.',
  'mykeys.memory':
    'This browser keeps nothing for this page (a private window, or storage is switched off). Keys that you make here end with the tab.',

  'mykeys.lost.title': {
    one: 'This browser has deleted {n} key',
    other: 'This browser has deleted {n} keys',
  },
  'mykeys.lost.about':
    'They were kept here, and nobody removed them on this page. What was signed with them is not affected. Bring them back: passphrase keys from their backups, passkeys from their device. A browser key is gone for good; sign with another key and ask whoever keeps the trust list to enter a new one.',
  'mykeys.lost.restore': 'Bring a key back',
  'mykeys.lost.forget': 'I have read this',

  'mykeys.damaged.remove': 'Remove the damaged record',

  'mykeys.list': 'Your keys',
  'mykeys.empty.title': 'No key on this device yet',
  'mykeys.empty.about':
    'Checking bundles needs no key. To approve one, choose below how you want to sign. If you have keys already, for SSH or for GPG, they can be used.',

  'mykeys.kind.passkey': 'Passkey',
  'mykeys.kind.browser': 'Browser key',
  'mykeys.kind.passphrase': 'Passphrase key',
  'mykeys.kind.openssh': 'SSH key',
  'mykeys.kind.openpgp': 'GPG key',

  'mykeys.lives.passkey':
    'On the device or security key that made it. It signs on {domain} only and asks for finger, face or PIN each time.',
  'mykeys.lives.browser':
    'In the storage of this browser. No program can read it out, but any code on this origin can sign with it.',
  'mykeys.lives.sealed':
    'In the storage of this browser, encrypted. It opens with its passphrase, for one signature at a time.',
  'mykeys.lives.session': 'In the memory of this tab. It is forgotten when you close it or leave this part.',

  'mykeys.fact.lives': 'Where it is',
  'mykeys.fact.user': 'Signs as',
  'mykeys.fact.noUser': 'nobody named yet',
  'mykeys.fact.backup': 'Backed up',
  'mykeys.fact.checkedBy': 'Can be checked by',
  'mykeys.fact.used': 'Last used',
  'mykeys.fact.ends': 'Ends on',
  'mykeys.fact.fingerprint': 'Fingerprint',
  'mykeys.never': 'not yet',
  'mykeys.noEnd': 'no end set',
  'mykeys.backup.checked': 'yes, read back on {at}',
  'mykeys.backup.file': 'you have the file that it came from',
  'mykeys.backup.not': 'no',
  'mykeys.backup.cannot': 'not possible: its private half cannot leave its place',
  'mykeys.checkedBy.ssh': 'Countersign (page and command line), ssh-keygen (OpenSSH 8.1 and newer)',
  'mykeys.checkedBy.passkey':
    'Countersign (page and command line), ssh-keygen (OpenSSH 8.4 and newer). Older tools do not know passkeys.',
  'mykeys.checkedBy.openpgp': 'Countersign (page and command line), gpg',

  'mykeys.state.open': 'Can approve',
  'mykeys.state.closed': 'Cannot approve yet',
  'mykeys.state.withdrawn': 'Withdrawn',
  'mykeys.state.ended': 'Ended',
  'mykeys.ends.soon': {
    one: 'Ends in {n} day. Make its successor now, so that the trust list can carry both for a while.',
    other: 'Ends in {n} days. Make its successor now, so that the trust list can carry both for a while.',
  },
  'mykeys.ends.over': 'It ended on {at} and signs nothing any more.',
  'mykeys.withdrawn.at':
    'Withdrawn on {at}. It signs nothing any more. Send the withdrawal to whoever keeps the trust list.',

  'mykeys.print.words': 'For reading aloud',
  'mykeys.print.hex': 'Exact',
  'mykeys.print.qr': 'As QR code',
  'mykeys.print.qrOf': 'QR code with the public key of “{label}”',
  'mykeys.print.qrAbout': 'Holds the public key. On another device, People & rules reads it with the camera.',
  'mykeys.print.about':
    'Compare the words over the telephone: they stand for the first 88 bits of the fingerprint.',
  'mykeys.print.what': 'the fingerprint',

  'mykeys.copy.public': 'Copy public key',
  'mykeys.copy.publicWhat': 'public key',
  'mykeys.copy.trust': 'Copy trust list entry',
  'mykeys.copy.trustWhat': 'trust list entry',
  'mykeys.edit': 'Change name or end',
  'mykeys.save': 'Save',
  'mykeys.saved': 'Saved',
  'mykeys.successor': 'Make its successor',
  'mykeys.withdraw': 'Withdraw',
  'mykeys.withdrawal': 'Save the withdrawal again',
  'mykeys.remove': 'Delete',
  'mykeys.forget': 'Forget',
  'mykeys.keep': 'Keep it on this device',

  'mykeys.backup': 'Back up',
  'mykeys.backup.title': 'Back up “{label}”',
  'mykeys.backup.step1':
    'Save the encrypted file, and put it where this device’s end does not reach: a stick, another machine.',
  'mykeys.backup.step1Button': 'Save the file',
  'mykeys.backup.step2':
    'Show that it works: choose the saved file and type the passphrase of this key. A backup that was never read back is a hope.',
  'mykeys.backup.file2': 'The saved file',
  'mykeys.backup.check': 'Check the backup',
  'mykeys.backup.works': 'Restored, and it signs the same. “{label}” is backed up.',
  'mykeys.restore.title': 'Restore a key from its backup',
  'mykeys.restore.about':
    'Choose a file that ends in .countersign-key.json and type the passphrase of that key.',
  'mykeys.restore.do': 'Restore',
  'mykeys.restore.done': '“{label}” is here again.',
  'mykeys.find.title': 'Find a passkey again',
  'mykeys.find.about':
    'The passkey is still in its device when this browser has forgotten it. Paste the line of its public key (from the trust list, or from whoever has it), and choose it when the device asks.',
  'mykeys.find.line': 'Public key of the passkey',
  'mykeys.find.lineHint': 'Begins with sk-ecdsa-sha2-nistp256@openssh.com',
  'mykeys.find.do': 'Ask the device',
  'mykeys.working': 'Working: opening takes a second or two on purpose…',

  'mykeys.add': 'Add a key',
  'mykeys.add.about':
    'Choose how you want to sign. You can have several; two that live in different places are best.',
  'mykeys.add.passkey': 'Passkey',
  'mykeys.add.passkey.about':
    'Sign with fingerprint, face or PIN of this device, or with a security key. Nothing to remember, nothing to copy.',
  'mykeys.add.passphrase': 'Passphrase key',
  'mykeys.add.passphrase.about':
    'A key in one encrypted file that you can carry to another machine. You type its passphrase for each approval.',
  'mykeys.add.file': 'SSH or GPG key that I have',
  'mykeys.add.file.about':
    'Use a private key file, for this visit only or kept here encrypted. Ed25519, ECDSA, RSA from 2,048 bits.',
  'mykeys.add.browser': 'Browser key',
  'mykeys.add.browser.about':
    'Made in a second and cannot be read out of this browser. Anything that runs on this origin can sign with it.',
  'mykeys.add.none': 'No key in the browser',
  'mykeys.add.none.about': 'Sign on the command line with ssh-keygen or gpg, and bring the result back.',
  'mykeys.lacks.secure': 'keys of the browser need an address that begins with https://',
  'mykeys.add.lacks': 'Not here: {reason}.',
  'mykeys.add.restore': 'Bring a key back',
  'mykeys.add.restore.about':
    'Bring a key back from the file that you saved, or find a passkey again that is still in its device.',
  'mykeys.add.recommended': 'A good second place',
  'mykeys.add.back': 'Choose another kind',

  'mykeys.form.label': 'Name of the key',
  'mykeys.form.labelHint': 'So that you know it again, for example “Work laptop”.',
  'mykeys.form.user': 'You, as trust lists name you',
  'mykeys.form.userHint': 'Usually your e-mail address at work. It is written into every approval.',
  'mykeys.form.ends': 'Ends on',
  'mykeys.form.endsHint': 'From that day on the key signs nothing. Empty for no end.',
  'mykeys.form.passphrase': 'Passphrase',
  'mykeys.form.passphraseHint': 'At least {n} characters; several words that do not belong together.',
  'mykeys.form.again': 'The same passphrase again',
  'mykeys.form.differ': 'The two passphrases differ.',
  'mykeys.form.file': 'Private key file',
  'mykeys.form.fileHint': 'For example ~/.ssh/id_ed25519, or the result of gpg --export-secret-keys --armor.',
  'mykeys.form.filePass': 'Passphrase of the file, if it has one',
  'mykeys.form.session': 'Use it for this visit only',
  'mykeys.form.keep': 'Keep it on this device, encrypted',
  'mykeys.form.keepPass': 'New passphrase for keeping it',
  'mykeys.form.domain':
    'The passkey will be bound to the domain {domain}. It cannot be used at another address, so make it where you will approve.',
  'mykeys.form.make.passkey': 'Make the passkey',
  'mykeys.form.make.browser': 'Make the key',
  'mykeys.form.make.passphrase': 'Make the key',
  'mykeys.form.make.file': 'Use this key',
  'mykeys.form.waiting': 'Answer the question of your device…',
  'mykeys.made': '“{label}” was added',

  'mykeys.none.title': 'Sign without a key in the browser',
  'mykeys.none.about':
    'The approve page gives you the exact statement as a file. Sign it where your key is, then drop the result on that page:',
  'mykeys.none.command': 'command',
  'mykeys.none.ssh': 'With an SSH key, or a security key that ssh-keygen uses',
  'mykeys.none.gpg': 'With GPG, smart cards included',

  'mykeys.withdraw.title': 'Withdraw “{label}”',
  'mykeys.withdraw.about':
    'The key signs one last statement: that nothing signed by it counts from now on. This cannot be taken back. You then send the two saved files to whoever keeps the trust list; until they act on it, others still accept the key.',
  'mykeys.withdraw.lostKey':
    'For a key that you no longer hold, ask them to enter it as withdrawn: that needs no signature.',
  'mykeys.withdraw.reason': 'Reason (optional)',
  'mykeys.withdraw.reasonHint': 'For example “laptop stolen”. It is read by others.',
  'mykeys.withdraw.type': 'Type “withdraw” to confirm',
  'mykeys.withdraw.word': 'withdraw',
  'mykeys.withdraw.do': 'Withdraw the key',
  'mykeys.withdraw.done': 'Withdrawn. Two files were saved: send both.',

  'mykeys.delete.title': 'Delete “{label}”',
  'mykeys.delete.about.sealed':
    'The private half is erased from this browser. With a backup and its passphrase you can bring it back.',
  'mykeys.delete.about.browser': 'The private half is erased. Nobody can ever bring it back.',
  'mykeys.delete.about.passkey':
    'This browser forgets the passkey. The device that holds it keeps it until you delete it there.',
  'mykeys.delete.about.session': 'This tab forgets the key. Your file is not touched.',
  'mykeys.delete.note':
    'Approvals that it signed stay as they are. Deleting is not withdrawing: who finds a copy can still sign.',
  'mykeys.delete.type': 'Type “delete” to confirm',
  'mykeys.delete.word': 'delete',
  'mykeys.delete.do': 'Delete the key',
  'mykeys.delete.done': '“{label}” was deleted',

  'mykeys.storage': 'Will this browser keep them?',
  'mykeys.storage.yes': 'Yes: the browser has promised not to delete what is kept here on its own.',
  'mykeys.storage.no':
    'No promise: when space runs out, or after weeks without a visit, this browser may delete your keys. Keep a backup or a second key.',
  'mykeys.storage.unknown': 'This browser does not say. Keep a backup or a second key.',
  'mykeys.storage.ask': 'Ask the browser to keep them',

  'log.title': 'What this browser did with your keys',
  'log.about':
    'Each line names the one before it by its digest, so a line that is changed or missing shows. The log stays on this device.',
  'log.empty': 'Nothing yet.',
  'log.whole': { one: '{n} line, chain unbroken', other: '{n} lines, chain unbroken' },
  'log.when': 'When',
  'log.what': 'What',
  'log.subject': 'Which',
  'log.export': 'Export the log',
  'log.check': 'Check an exported log',
  'log.checkFile': 'An exported log',
  'log.checked': { one: '“{name}”: {n} line, chain unbroken', other: '“{name}”: {n} lines, chain unbroken' },
  'log.older': 'Show all {n} lines',
  'log.kind.key-made': 'Key made',
  'log.kind.key-added': 'Key kept here',
  'log.kind.key-used': 'Signed with',
  'log.kind.key-exported': 'Backup saved',
  'log.kind.key-restored': 'Backup read back',
  'log.kind.key-changed': 'Key renamed or its end changed',
  'log.kind.key-withdrawn': 'Key withdrawn',
  'log.kind.key-removed': 'Key deleted',
  'log.kind.key-lost': 'Key deleted by the browser',
  'log.kind.trust-changed': 'Trust list changed',
  'log.kind.trust-undone': 'Change of the trust list undone',
  'log.kind.list-signed': 'List of people and rules signed',
  'log.kind.approval-made': 'Approval made',
  'log.kind.declined': 'Declined',
  'log.kind.approval-withdrawn': 'Approval withdrawn',
  'log.kind.approval-attached': 'Approvals attached',
  'log.kind.request-made': 'Approval asked for',
  'log.kind.library-changed': 'Library changed',
} as const;
