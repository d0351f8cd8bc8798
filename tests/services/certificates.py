"""Certificates and keys for the tests, made by openssl in a folder, in all the forms in which drivers are given them."""
import os
import subprocess

EC = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']


class Authority:
    """A certificate authority: NAME.crt and NAME.key in a folder."""

    def __init__(self, folder, name):
        os.makedirs(folder, exist_ok=True)
        self.folder, self.name = folder, name
        self.certificate = self.path(name + '.crt')
        openssl('req', '-x509', *EC, '-keyout', self.path(name + '.key'), '-out', self.certificate, '-days', '30', '-subj', '/CN=' + name)

    def path(self, name):
        return os.path.join(self.folder, name)

    def issue(self, name, common_name, alternative_names='', days=30):
        """NAME.crt and NAME.key; days may be negative: it has expired."""
        request, extensions = self.path(name + '.csr'), self.path(name + '.ext')
        openssl('req', '-new', *EC, '-keyout', self.path(name + '.key'), '-out', request, '-subj', '/CN=' + common_name)
        with open(extensions, 'w') as f:
            if alternative_names:
                f.write('subjectAltName=%s\n' % alternative_names)
        openssl('x509', '-req', '-in', request, '-CA', self.certificate, '-CAkey', self.path(self.name + '.key'), '-CAcreateserial', '-days', str(days),
                '-extfile', extensions, '-out', self.path(name + '.crt'))
        return self.path(name + '.crt'), self.path(name + '.key')

    def pkcs8(self, key, name, password=None, cipher=('-v2', 'aes-256-cbc')):
        """The key as PKCS-8 DER, encrypted where a password is given."""
        how = ['-nocrypt'] if password is None else [*cipher, '-passout', 'pass:' + password]
        openssl('pkcs8', '-topk8', '-in', key, '-outform', 'DER', '-out', self.path(name), '-provider', 'default', '-provider', 'legacy', *how)
        return self.path(name)

    def encrypted_pem(self, key, name, password):
        openssl('pkcs8', '-topk8', '-in', key, '-out', self.path(name), '-passout', 'pass:' + password)
        return self.path(name)

    def pkcs12(self, certificate, key, name, password, *more):
        openssl('pkcs12', '-export', '-in', certificate, '-inkey', key, '-name', 'user', '-out', self.path(name), '-passout', 'pass:' + password, *more)
        return self.path(name)

    def der(self, certificate, name):
        openssl('x509', '-in', certificate, '-outform', 'DER', '-out', self.path(name))
        return self.path(name)


def openssl(*arguments):
    done = subprocess.run(['openssl', *arguments], stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError('openssl %s: %s' % (' '.join(arguments), done.stderr))
