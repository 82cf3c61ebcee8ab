# Tenants whose policies refuse credentials or the consent of users, against the stand-in.
Describe 'Set-up in a tenant with policies' {
    BeforeAll {
        Import-Module (Join-Path $PSScriptRoot 'StandIn.psm1') -Force
        $modules = (New-Item -ItemType Directory -Path (Join-Path $TestDrive 'modules')).FullName
        New-StandInModules $modules
        $oldPath = $env:PSModulePath
        $env:PSModulePath = $modules + [IO.Path]::PathSeparator + $oldPath
        function global:Start-Sleep { Add-Sleep }

        function Start-Entra {
            param([string]$Flow = 'application', [bool]$Secret = $false, [string]$Cloud = 'Global', [string]$ApplicationId)
            $certificate = if ($Flow -eq 'application' -and -not $Secret) { 'AQID' } else { '' }
            $file = Write-TenantScript -Folder $TestDrive -Kind setup -Protocols 'smtp', 'imap' -Flow $Flow -Cloud $Cloud -Certificate $certificate -Secret $Secret
            Get-Module 'Microsoft.Graph.*', 'ExchangeOnlineManagement' | Remove-Module
            $global:LASTEXITCODE = 0
            $output = & $file -Part Entra -Apply -ApplicationId $ApplicationId *>&1 | Out-String
            [pscustomobject]@{ Exit = $LASTEXITCODE; Output = $output }
        }
    }

    AfterAll {
        Remove-Item function:global:Start-Sleep
        Get-Module 'Microsoft.Graph.*', 'ExchangeOnlineManagement' | Remove-Module
        $env:PSModulePath = $oldPath
    }

    BeforeEach {
        $tenant = New-Tenant
        Get-ChildItem $TestDrive -Filter 'tls-uplift-tenant-state.json' | Remove-Item
        Add-TenantMailbox 'scanner@contoso.com'
    }

    It 'says what to do if a policy refuses a credential, and does not try again: <message>' -ForEach @(
        @{ Cmdlet = 'New-MgApplication'; Secret = $false; Remedy = '*It allows less time than until 2027-01-01T00:00:00Z*exempts the application*'
            Message = "[CredentialInvalidLifetimeAsPerAppPolicy] : Credential lifetime exceeds the max value allowed as per assigned policy '538f1913-366a-440a-95a0-e195cb55b282'." }
        @{ Cmdlet = 'Add-MgApplicationPassword'; Secret = $true; Remedy = '*It allows no client secret*without --client-secret*'
            Message = "[CredentialTypeNotAllowedAsPerAppPolicy] : Credential type not allowed as per assigned policy '538f1913-366a-440a-95a0-e195cb55b282'." }
        @{ Cmdlet = 'Add-MgApplicationPassword'; Secret = $true; Remedy = '*It allows less time*'; Message = 'Credential lifetime exceeds the max value allowed as per assigned policy.' }
        @{ Cmdlet = 'New-MgApplication'; Secret = $false; Remedy = '*a certificate of a CA*'; Message = 'The certificate is not allowed as per assigned policy.' }
    ) {
        Set-Failure $Cmdlet $Message
        $run = Start-Entra -Secret $Secret
        $run.Exit | Should -Be 1
        $run.Output | Should -BeLike "*app management policy$Remedy'If a policy refuses the certificate'*"
        $tenant.Sleeps | Should -Be 0
        $tenant.Connected | Should -BeNullOrEmpty
        $tenant.Failures.Clear()
        Set-Failure $Cmdlet 'Status: 403 (Forbidden)'
        (Start-Entra -Secret $Secret).Output | Should -Not -BeLike '*policy*'
    }

    It 'lists all that a user consents to, and prints the address for the consent of an administrator: <cloud>' -ForEach @(
        @{ Cloud = 'Global'; At = 'login.microsoftonline.com' }, @{ Cloud = 'USGov'; At = 'login.microsoftonline.us' }, @{ Cloud = 'USGovDoD'; At = 'login.microsoftonline.us' },
        @{ Cloud = 'China'; At = 'login.partner.microsoftonline.cn' }
    ) {
        $run = Start-Entra -Flow device-code -Cloud $Cloud
        $run.Exit | Should -Be 0 -Because $run.Output
        $run.Output | Should -BeLike "*https://$At/$($tenant.Id)/adminconsent?client_id=$($tenant.Applications[0].AppId)*"
        $scopes = $tenant.Principals.Oauth2PermissionScopes
        $listed = @($tenant.Applications[0].RequiredResourceAccess.ResourceAccess | ForEach-Object { $id = $_.Id; ($scopes | Where-Object { $_.Id -eq $id }).Value })
        $listed | Sort-Object | Should -Be 'IMAP.AccessAsUser.All', 'offline_access', 'openid', 'profile', 'SMTP.Send'
        (Start-Entra -Flow device-code -Cloud $Cloud -ApplicationId $tenant.Applications[0].AppId).Output | Should -BeLike '*OK. Nothing is missing.*'
        # An application signs in by itself.
        $null = New-Tenant
        Get-ChildItem $TestDrive -Filter 'tls-uplift-tenant-state.json' | Remove-Item
        (Start-Entra).Output | Should -Not -BeLike '*adminconsent*'
    }
}
