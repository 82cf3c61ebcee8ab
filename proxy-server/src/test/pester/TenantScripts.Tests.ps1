# Runs the scripts for the administrator of a tenant against the stand-in. Each run is '& script', as a person runs it.
Describe 'Scripts for the administrator of a tenant' {
    BeforeAll {
        Import-Module (Join-Path $PSScriptRoot 'StandIn.psm1') -Force
        $resources = Join-Path $PSScriptRoot '../../main/resources/org/tlsuplift/server/init'
        $modules = (New-Item -ItemType Directory -Path (Join-Path $TestDrive 'modules')).FullName
        New-StandInModules $modules
        $oldPath = $env:PSModulePath
        $env:PSModulePath = $modules + [IO.Path]::PathSeparator + $oldPath
        # The scripts wait for Microsoft's servers; here nobody waits.
        function global:Start-Sleep { Add-Sleep }

        # The script with the settings that tls-uplift writes at its top (TenantScript.java).
        function Write-Script {
            param([string]$Kind = 'setup', [string]$Site = 'a', [string[]]$Mailboxes = 'scanner@contoso.com', [string[]]$Protocols = 'smtp',
                [string]$Flow = 'application', [string]$Name = 'TLS Uplift', [string]$Certificate = 'AQID', [bool]$Secret = $false, [string]$Tenant = 'contoso.onmicrosoft.com')
            $right = if ($Flow -eq 'application') { @{ smtp = 'SMTP.SendAsApp'; imap = 'IMAP.AccessAsApp'; pop3 = 'POP.AccessAsApp' } } else { @{ smtp = 'SMTP.Send'; imap = 'IMAP.AccessAsUser.All'; pop3 = 'POP.AccessAsUser.All' } }
            $list = { param($words) "@('" + ($words -join "', '") + "')" }
            $settings = @(
                "`$Tenant = '$Tenant'", "`$Name = '$Name'", "`$Mailboxes = $(& $list $Mailboxes)", "`$Protocols = $(& $list $Protocols)",
                "`$Permissions = $(& $list @($Protocols | ForEach-Object { $right[$_] }))", "`$Flow = '$Flow'", "`$GraphEnvironment = 'Global'",
                "`$ExchangeEnvironment = 'O365Default'", "`$NewSecret = `$$Secret", "`$CertificateLabel = '$(if ($Certificate) { "TLS Uplift $Certificate" })'",
                "`$CertificateStart = '2026-01-01T00:00:00Z'", "`$CertificateEnd = '2027-01-01T00:00:00Z'", "`$CertificateData = '$Certificate'"
            ) -join "`n"
            $folder = New-Item -ItemType Directory -Force -Path (Join-Path $TestDrive $Site)
            $file = Join-Path $folder "tls-uplift-tenant-$Kind.ps1"
            $text = Get-Content -Raw (Join-Path $resources "tenant-$Kind.ps1")
            $common = Get-Content -Raw (Join-Path $resources 'tenant-common.ps1')
            Set-Content -Path $file -Value $text.Replace("#COMMON#`n", $common).Replace("#SETTINGS#`n", "$settings`n")
            $file
        }

        # Runs a script in a window of its own.
        function Start-Script {
            param([string]$File, [hashtable]$With = @{})
            Get-Module 'Microsoft.Graph.*', 'ExchangeOnlineManagement' | Remove-Module
            $global:LASTEXITCODE = 0
            $output = & $File @With *>&1 | Out-String
            [pscustomobject]@{ Exit = $LASTEXITCODE; Output = $output; Last = @($output.Trim() -split "`n")[-1] }
        }

        # The three IDs, as the administrator copies them from the first part.
        function Read-Ids {
            $application = $tenant.Applications | Where-Object { $_.DisplayName -like 'TLS Uplift*' } | Select-Object -Last 1
            $principal = $tenant.Principals | Where-Object { $_.AppId -eq $application.AppId }
            @{ TenantId = $tenant.Id; ApplicationId = $application.AppId; ObjectId = $principal.Id }
        }

        function Join-Options {
            $all = @{ Apply = $true }
            foreach ($options in $args) { foreach ($key in $options.Keys) { $all[$key] = $options[$key] } }
            $all
        }
        function Start-Entra { param([string]$File, [hashtable]$More = @{}) Start-Script $File (Join-Options @{ Part = 'Entra' } $More) }
        function Start-Exchange { param([string]$File, [hashtable]$More = @{}) Start-Script $File (Join-Options @{ Part = 'Exchange' } (Read-Ids) $More) }
        function Start-Setup {
            param([string]$File, [hashtable]$Entra = @{}, [hashtable]$Exchange = @{})
            $first = Start-Entra $File $Entra
            $first.Exit | Should -Be 0 -Because $first.Output
            $second = Start-Exchange $File $Exchange
            $second.Exit | Should -Be 0 -Because $second.Output
            $second
        }
    }

    AfterAll {
        Remove-Item function:global:Start-Sleep
        Get-Module 'Microsoft.Graph.*', 'ExchangeOnlineManagement' | Remove-Module
        $env:PSModulePath = $oldPath
    }

    BeforeEach {
        $tenant = New-Tenant
        Add-TenantMailbox 'scanner@contoso.com'
        Get-ChildItem $TestDrive -Recurse -Filter 'tls-uplift-*' | Remove-Item
    }

    Describe 'Set-up' {
        It 'connects a tenant from nothing' {
            Start-Setup (Write-Script)
            $tenant.Applications.KeyCredentials.DisplayName | Should -Be 'TLS Uplift AQID'
            $tenant.ExchangePrincipals.ObjectId | Should -Be (Read-Ids).ObjectId
            $tenant.Mailboxes[0].SmtpClientAuthenticationDisabled | Should -BeFalse
        }

        It 'changes nothing without -Apply' {
            $before = Get-TenantState
            $run = Start-Script (Write-Script)
            $run.Exit | Should -Be 0
            $run.Last | Should -BeLike 'OK. * changes are missing. Run the same command again with -Apply*'
            Get-TenantState | Should -Be $before
            $null = Start-Entra (Write-Script)
            $before = Get-TenantState
            $run = Start-Exchange (Write-Script) @{ Apply = $false }
            $run.Exit | Should -Be 0 -Because $run.Output
            Get-TenantState | Should -Be $before
            Test-Path (Join-Path $TestDrive 'a/tls-uplift-tenant-state.json') | Should -BeFalse
        }

        It 'changes nothing in a second run: <protocols> <exchange>' -ForEach @(
            @{ Protocols = @('smtp'); Entra = @{}; Exchange = @{} }
            @{ Protocols = @('smtp', 'imap', 'pop3'); Entra = @{}; Exchange = @{} }
            @{ Protocols = @('smtp'); Entra = @{ Classic = $true }; Exchange = @{ Classic = $true } }
            @{ Protocols = @('smtp'); Entra = @{}; Exchange = @{ Graph = $true } }
            @{ Protocols = @('smtp'); Entra = @{}; Exchange = @{ Graph = $true; SentItems = $true } }
        ) {
            $file = Write-Script -Protocols $Protocols
            $null = Start-Setup $file $Entra $Exchange
            $before = Get-TenantState
            (Start-Entra $file $Entra).Last | Should -Be 'OK. Nothing is missing.'
            (Start-Exchange $file $Exchange).Last | Should -Be 'OK. Nothing is missing.'
            Get-TenantState | Should -Be $before
        }

        It 'tries a change again after an error that passes: <cmdlet>' -ForEach @(
            'Update-MgApplication', 'New-MgServicePrincipal', 'New-MgServicePrincipalAppRoleAssignment', 'New-ServicePrincipal', 'New-DistributionGroup',
            'Add-DistributionGroupMember', 'New-ManagementScope', 'New-ManagementRoleAssignment', 'Set-CASMailbox', 'Add-MailboxPermission' | ForEach-Object { @{ Cmdlet = $_ } }
        ) {
            Set-Failure $Cmdlet "Resource does not exist (404)" -Times 2
            $null = Start-Setup (Write-Script -Protocols smtp, imap)
            $tenant.Sleeps | Should -Be 2
        }

        It 'fails, does not count the change, and signs out, if each try fails: <cmdlet>' -ForEach @(
            'New-MgApplication', 'New-MgServicePrincipal', 'New-ServicePrincipal', 'New-DistributionGroup', 'Add-DistributionGroupMember', 'New-ManagementScope',
            'New-ManagementRoleAssignment', 'Set-CASMailbox', 'Get-MgApplication', 'Get-MgServicePrincipal', 'Get-ServicePrincipal', 'Get-Mailbox', 'Get-CASMailbox',
            'Get-DistributionGroup', 'Get-ManagementScope', 'Get-ManagementRole', 'Get-ManagementRoleAssignment', 'Get-OrganizationConfig' | ForEach-Object { @{ Cmdlet = $_ } }
        ) {
            $file = Write-Script
            Set-Failure $Cmdlet 'Service unavailable (503)'
            $run = Start-Entra $file
            if ($run.Exit -eq 0) { $run = Start-Exchange $file }
            $run.Exit | Should -Be 1
            $run.Last | Should -BeLike 'FAILED.*'
            $run.Output | Should -BeLike '*Service unavailable (503)*'
            $made = @($run.Output -split "`n" | Where-Object { $_ -like 'changed: *' }).Count
            $run.Last | Should -BeLike "*. $made changes made. *"
            $tenant.Connected | Should -BeNullOrEmpty
            # Afterwards the same commands complete the set-up, with one application.
            $tenant.Failures.Clear()
            $null = Start-Setup $file
            $tenant.Applications.Count | Should -Be 1
        }

        It 'does not wait for a change that is not allowed' {
            Set-Failure 'New-MgServicePrincipal' 'Insufficient privileges to complete the operation. Status: 403 (Forbidden)'
            (Start-Entra (Write-Script)).Exit | Should -Be 1
            $tenant.Sleeps | Should -Be 0
        }

        It 'registers no second application if the look-up is refused' {
            $null = Start-Entra (Write-Script)
            Set-Failure 'Get-MgApplication' 'Status: 403 (Forbidden)'
            (Start-Entra (Write-Script)).Exit | Should -Be 1
            $tenant.Applications.Count | Should -Be 1
        }

        It 'tells a mailbox that does not exist from a look-up that is refused' {
            $file = Write-Script -Mailboxes 'none@contoso.com'
            $null = Start-Entra $file
            $run = Start-Exchange $file
            $run.Exit | Should -Be 1
            $run.Output | Should -BeLike '*none@contoso.com: the tenant has no such mailbox*'
            Set-Failure 'Get-Mailbox' 'Access denied (403)'
            $run = Start-Exchange $file
            $run.Output | Should -BeLike '*Access denied (403)*'
            $run.Output | Should -Not -BeLike '*no such mailbox*'
        }

        It 'completes 399 mailboxes if one of 400 fails' {
            $all = 1..400 | ForEach-Object { "scan$_@contoso.com" }
            Add-TenantMailbox $all
            $file = Write-Script -Mailboxes $all
            $null = Start-Entra $file
            Set-Failure 'Set-CASMailbox' 'The mailbox is on-premises, access denied' -When { param($p) $p.Identity -eq 'scan200@contoso.com' }
            $run = Start-Exchange $file
            $run.Exit | Should -Be 1
            $run.Output | Should -BeLike '*1 failed:*scan200@contoso.com*'
            @($tenant.Mailboxes | Where-Object { $_.SmtpClientAuthenticationDisabled -eq $false }).Count | Should -Be 399
            @($tenant.GroupMembers[$tenant.Groups[0].Guid]).Count | Should -Be 399
            $tenant.Scopes[0].RecipientFilter.Length | Should -BeLessThan 200
        }
    }

    Describe 'A foreign application' {
        BeforeEach {
            $foreign = [pscustomobject]@{
                Id = 'f-1'; AppId = 'f-2'; DisplayName = 'TLS Uplift'; KeyCredentials = @(); RequiredResourceAccess = @(); IsFallbackPublicClient = $false
                PasswordCredentials = @([pscustomobject]@{ DisplayName = 'his'; EndDateTime = [DateTime]'2027-01-01' }); PublicClient = $null
            }
            $tenant.Applications += $foreign
            $tenant.Owners['f-1'] = @('mallory@contoso.com')
        }

        It 'of the same name gets neither our certificate nor a permission' {
            $before = Get-TenantState
            $run = Start-Entra (Write-Script)
            $run.Exit | Should -Be 1
            $run.Output | Should -BeLike '*already has an application TLS Uplift*-ApplicationId f-2*'
            Get-TenantState | Should -Be $before
        }

        It 'is used only after its owners and credentials are listed and accepted' {
            $before = Get-TenantState
            $run = Start-Entra (Write-Script) @{ ApplicationId = 'f-2' }
            $run.Exit | Should -Be 1
            $run.Output | Should -BeLike "*client secret 'his'*"
            $run.Output | Should -BeLike '*owner mallory@contoso.com*'
            Get-TenantState | Should -Be $before
            (Start-Entra (Write-Script) @{ ApplicationId = 'f-2'; AcceptOthers = $true }).Exit | Should -Be 0
            $foreign.KeyCredentials.DisplayName | Should -Be 'TLS Uplift AQID'
            $foreign.PasswordCredentials.Count | Should -Be 1
        }

        It 'that copied our label has another key, so it is not ours' {
            $foreign.KeyCredentials = @([pscustomobject]@{ DisplayName = 'TLS Uplift AQID'; Key = [byte[]](9, 9); EndDateTime = [DateTime]'2027-01-01' })
            (Start-Entra (Write-Script)).Exit | Should -Be 1
        }

        It 'is not removed by its name' {
            $run = Start-Script (Write-Script remove -Certificate '') @{ Part = 'Entra'; Apply = $true }
            $run.Exit | Should -Be 1
            $run.Output | Should -BeLike '*Give -ApplicationId*'
            $tenant.Applications.Count | Should -Be 1
        }

        It 'of another name is not removed by a mistaken ID, and is named' {
            $foreign.DisplayName = 'Payroll'
            $run = Start-Script (Write-Script remove) @{ Part = 'Entra'; Apply = $true; ApplicationId = 'f-2' }
            $run.Exit | Should -Be 1
            $run.Output | Should -BeLike "*is called 'Payroll'*"
            $tenant.Applications.Count | Should -Be 1
        }
    }

    Describe 'The administrator who registered the application' {
        It 'may own it' {
            $null = Start-Entra (Write-Script)
            $tenant.Owners[$tenant.Applications[0].Id] = @($tenant.Account)
            (Start-Entra (Write-Script)).Last | Should -Be 'OK. Nothing is missing.'
        }
    }

    Describe 'Rights' {
        It 'for SMTP are a role for the members of a group, and nothing else' {
            $run = Start-Setup (Write-Script)
            $tenant.AppRoleAssignments | Should -BeNullOrEmpty
            $tenant.Applications[0].RequiredResourceAccess | Should -BeNullOrEmpty
            $tenant.MailboxPermissions | Should -BeNullOrEmpty
            $tenant.RecipientPermissions | Should -BeNullOrEmpty
            $tenant.Connections[0].Scopes | Should -Be 'Application.ReadWrite.All'
            $tenant.RoleAssignments.Count | Should -Be 1
            $tenant.RoleAssignments[0].Role | Should -Be 'Application SMTP.SendAsApp'
            $tenant.RoleAssignments[0].App | Should -Be (Read-Ids).ObjectId
            $tenant.RoleAssignments[0].CustomResourceScope | Should -Be 'TLS Uplift SMTP'
            $tenant.Scopes[0].RecipientFilter | Should -Be "MemberOfGroup -eq '$($tenant.Groups[0].DistinguishedName)'"
            $tenant.GroupMembers[$tenant.Groups[0].Guid] | Should -Be $tenant.Mailboxes[0].Guid
            $run.Output | Should -BeLike '*scanner@contoso.com: role Application SMTP.SendAsApp, in scope: True*'
        }

        It 'for IMAP and POP3 are the permissions of these protocols' {
            $null = Start-Setup (Write-Script -Protocols imap, pop3)
            $tenant.AppRoleAssignments.Count | Should -Be 2
            $tenant.MailboxPermissions.AccessRights | Should -Be 'FullAccess'
            $tenant.RecipientPermissions | Should -BeNullOrEmpty
            $tenant.RoleAssignments | Should -BeNullOrEmpty
        }

        It 'are those of the classic way where the tenant has no role for SMTP' {
            $tenant.Roles = @('Application Mail.Send')
            $file = Write-Script
            $null = Start-Entra $file
            $run = Start-Exchange $file
            $run.Exit | Should -Be 0
            $run.Output | Should -BeLike "*no role 'Application SMTP.SendAsApp'*classic way*-Classic*"
            $tenant.MailboxPermissions.Count | Should -Be 1
            $tenant.RecipientPermissions.Count | Should -Be 1
            (Start-Entra $file @{ Classic = $true }).Exit | Should -Be 0
            $tenant.AppRoleAssignments.Count | Should -Be 1
        }

        It 'stay classic in a tenant that is classic' {
            $file = Write-Script
            $null = Start-Setup $file @{ Classic = $true } @{ Classic = $true }
            $run = Start-Entra $file
            $run.Last | Should -Be 'OK. Nothing is missing.'
            $run.Output | Should -BeLike '*-Part Exchange * -Classic -Apply*'
        }

        It 'for Graph are roles without FullAccess, SendAs or SMTP AUTH' {
            $null = Start-Setup (Write-Script) @{} @{ Graph = $true }
            $tenant.RoleAssignments.Role | Sort-Object | Should -Be 'Application Mail.ReadWrite', 'Application Mail.Send'
            $tenant.AppRoleAssignments | Should -BeNullOrEmpty
            $tenant.MailboxPermissions | Should -BeNullOrEmpty
            $tenant.RecipientPermissions | Should -BeNullOrEmpty
            $tenant.Mailboxes[0].SmtpClientAuthenticationDisabled | Should -Be $null
        }

        It 'for Graph with -SentItems do not read mail' {
            $null = Start-Setup (Write-Script) @{} @{ Graph = $true; SentItems = $true }
            $tenant.RoleAssignments.Role | Should -Be 'Application Mail.Send'
        }

        It 'need a consent if roles of the tenant were never changed' {
            $tenant.IsDehydrated = $true
            $file = Write-Script
            $null = Start-Entra $file
            $run = Start-Exchange $file
            $run.Exit | Should -Be 1
            $run.Output | Should -BeLike '*Enable-OrganizationCustomization*cannot be undone*-EnableCustomization*'
            $tenant.IsDehydrated | Should -BeTrue
            (Start-Exchange $file @{ EnableCustomization = $true }).Exit | Should -Be 0
            $tenant.IsDehydrated | Should -BeFalse
        }
    }

    Describe 'Two sites, one after the other' {
        It 'keep each other''s mailboxes in the scope: <exchange>' -ForEach @(@{ Exchange = @{} }, @{ Exchange = @{ Graph = $true } }) {
            Add-TenantMailbox 'site-b@contoso.com'
            $a = Write-Script
            $null = Start-Setup $a @{} $Exchange
            $b = Write-Script -Site b -Mailboxes 'site-b@contoso.com' -Certificate 'BAUG'
            (Start-Entra $b).Exit | Should -Be 1
            $null = Start-Setup $b @{ ApplicationId = (Read-Ids).ApplicationId; AcceptOthers = $true } $Exchange
            $tenant.Applications.Count | Should -Be 1
            $tenant.Applications[0].KeyCredentials.Count | Should -Be 2
            $tenant.GroupMembers[$tenant.Groups[0].Guid].Count | Should -Be 2
            # The undo of one site leaves the other one connected.
            $undo = Start-Exchange (Write-Script remove -Site b -Mailboxes 'site-b@contoso.com')
            $undo.Exit | Should -Be 0 -Because $undo.Output
            $tenant.GroupMembers[$tenant.Groups[0].Guid] | Should -Be $tenant.Mailboxes[0].Guid
            $tenant.RoleAssignments | Should -Not -BeNullOrEmpty
            $tenant.ExchangePrincipals.Count | Should -Be 1
        }

        It 'keep the mailboxes of a scope that an earlier version made' {
            $tenant.Scopes += [pscustomobject]@{ Name = 'TLS Uplift Graph'; RecipientFilter = "PrimarySmtpAddress -eq 'old@contoso.com'" }
            $tenant.Scopes += [pscustomobject]@{ Name = 'Other'; RecipientFilter = 'x' }
            $null = Start-Setup (Write-Script) @{} @{ Graph = $true }
            $tenant.Scopes[0].RecipientFilter | Should -Be "(PrimarySmtpAddress -eq 'old@contoso.com') -or (MemberOfGroup -eq '$($tenant.Groups[0].DistinguishedName)')"
            $tenant.Scopes[1].RecipientFilter | Should -Be 'x'
        }
    }

    Describe 'Wrong IDs' {
        It 'do not remove the service principal that works' {
            $file = Write-Script
            $null = Start-Setup $file
            $before = Get-TenantState
            $run = Start-Exchange $file @{ ObjectId = '99999999-0000-0000-0000-000000000000' }
            $run.Exit | Should -Be 1
            $run.Output | Should -BeLike '*99999999*-ReplaceServicePrincipal*'
            Get-TenantState | Should -Be $before
        }

        It 'are replaced on request' {
            $file = Write-Script
            $null = Start-Entra $file
            $tenant.ExchangePrincipals = @([pscustomobject]@{ AppId = (Read-Ids).ApplicationId; ObjectId = 'wrong'; DisplayName = 'x' })
            (Start-Exchange $file).Exit | Should -Be 1
            (Start-Exchange $file @{ ReplaceServicePrincipal = $true }).Exit | Should -Be 0
            $tenant.ExchangePrincipals.ObjectId | Should -Be (Read-Ids).ObjectId
        }

        It 'of another tenant stop both parts before a change: <part>' -ForEach @(@{ Part = 'Entra' }, @{ Part = 'Exchange' }) {
            $file = Write-Script
            $null = Start-Entra $file
            $ids = Read-Ids
            $tenant.Id = 'bbbbbbbb-1111-2222-3333-444444444444'
            $before = Get-TenantState
            $run = Start-Script $file ($ids + @{ Part = $Part; Apply = $true })
            $run.Exit | Should -Be 1
            $run.Output | Should -BeLike '*signed in to the tenant bbbbbbbb-*'
            Get-TenantState | Should -Be $before
            $tenant.Connected | Should -BeNullOrEmpty
        }

        It 'of the tenant are needed by the second part' {
            (Start-Script (Write-Script) @{ Part = 'Exchange'; ApplicationId = 'a'; ObjectId = 'b' }).Output | Should -BeLike '*Give -TenantId*'
        }
    }

    Describe 'Sign-in' {
        It 'lasts no longer than the run, for this window only' {
            $null = Start-Setup (Write-Script)
            $tenant.Connected | Should -BeNullOrEmpty
            $tenant.Connections[0].ContextScope | Should -Be 'Process'
        }

        It 'has a way for servers, partners and China' {
            $file = Write-Script
            $null = Start-Entra $file @{ DeviceCode = $true; GraphClientId = 'own-client' }
            $tenant.Connections[-1].UseDeviceCode | Should -BeTrue
            $tenant.Connections[-1].ClientId | Should -Be 'own-client'
            $run = Start-Exchange $file @{ DeviceCode = $true; DisableWAM = $true; UserPrincipalName = 'gdap@partner.example'; DelegatedOrganization = 'contoso.onmicrosoft.com' }
            $run.Exit | Should -Be 0 -Because $run.Output
            $tenant.Connections[-1].Device | Should -BeTrue
            $tenant.Connections[-1].DisableWAM | Should -BeTrue
            $tenant.Connections[-1].UserPrincipalName | Should -Be 'gdap@partner.example'
            (Start-Exchange $file @{ DelegatedOrganization = 'fabrikam.onmicrosoft.com' }).Exit | Should -Be 1
        }
    }

    Describe 'A client secret' {
        It 'is written to a file for its owner alone, and not to the window' {
            $run = Start-Entra (Write-Script -Certificate '' -Secret $true)
            $run.Exit | Should -Be 0 -Because $run.Output
            $run.Output | Should -Not -BeLike '*S3cret~Text*'
            $file = Join-Path $TestDrive 'a/tls-uplift-client-secret.txt'
            Get-Content -Raw $file | Should -Be 'S3cret~Text'
            if (-not $IsWindows) { (Get-Item $file).UnixFileMode | Should -Be 'UserWrite, UserRead' }
        }
    }

    Describe 'Users who sign in themselves' {
        It 'get a public client, and no right for a mailbox' {
            $null = Start-Setup (Write-Script -Flow device-code -Certificate '') @{} @{}
            $tenant.Applications[0].IsFallbackPublicClient | Should -BeTrue
            $tenant.Applications[0].PublicClient.RedirectUris | Should -Be 'http://localhost'
            $tenant.ExchangePrincipals | Should -BeNullOrEmpty
            $tenant.MailboxPermissions | Should -BeNullOrEmpty
        }
    }

    Describe 'Undo' {
        It 'brings back the tenant as it was: <protocols> <exchange>' -ForEach @(
            @{ Protocols = @('smtp'); Entra = @{}; Exchange = @{} }
            @{ Protocols = @('smtp', 'imap', 'pop3'); Entra = @{}; Exchange = @{} }
            @{ Protocols = @('smtp'); Entra = @{ Classic = $true }; Exchange = @{ Classic = $true } }
            @{ Protocols = @('smtp'); Entra = @{}; Exchange = @{ Graph = $true } }
        ) {
            Add-TenantMailbox 'off@contoso.com' -SmtpAuthOff $true -Pop $true
            Add-TenantMailbox 'on@contoso.com' -SmtpAuthOff $false -Imap $true
            $all = 'scanner@contoso.com', 'off@contoso.com', 'on@contoso.com'
            $before = Get-TenantState
            $setup = Write-Script -Protocols $Protocols -Mailboxes $all
            $null = Start-Setup $setup $Entra $Exchange
            $null = Start-Setup $setup $Entra $Exchange
            $remove = Write-Script remove -Protocols $Protocols -Mailboxes $all
            $ids = Read-Ids
            $middle = Get-TenantState
            (Start-Exchange $remove @{ Apply = $false }).Last | Should -BeLike 'OK. * changes to make. *'
            Get-TenantState | Should -Be $middle
            $run = Start-Exchange $remove
            $run.Exit | Should -Be 0 -Because $run.Output
            $run = Start-Script $remove @{ Part = 'Entra'; Apply = $true; ApplicationId = $ids.ApplicationId }
            $run.Exit | Should -Be 0 -Because $run.Output
            Get-TenantState | Should -Be $before
            (Start-Exchange $remove $ids).Last | Should -Be 'OK. Nothing is left to remove.'
        }

        It 'fails visibly and signs out: <cmdlet>' -ForEach @('Set-CASMailbox', 'Get-ServicePrincipal', 'Remove-ManagementScope', 'Remove-MgApplication' | ForEach-Object { @{ Cmdlet = $_ } }) {
            $null = Start-Setup (Write-Script)
            $remove = Write-Script remove
            $ids = Read-Ids
            Set-Failure $Cmdlet 'Service unavailable (503)'
            $run = Start-Exchange $remove
            if ($run.Exit -eq 0) { $run = Start-Script $remove @{ Part = 'Entra'; Apply = $true; ApplicationId = $ids.ApplicationId } }
            $run.Exit | Should -Be 1
            $run.Last | Should -BeLike 'FAILED.*'
            $tenant.Connected | Should -BeNullOrEmpty
        }

        It 'leaves SMTP AUTH on without a state file, and says so' {
            $null = Start-Setup (Write-Script)
            Remove-Item (Join-Path $TestDrive 'a/tls-uplift-tenant-state.json')
            $run = Start-Exchange (Write-Script remove)
            $run.Output | Should -BeLike '*scanner@contoso.com: SMTP AUTH stays on*'
            $tenant.Mailboxes[0].SmtpClientAuthenticationDisabled | Should -BeFalse
        }
    }

    Describe 'The stand-in' {
        It 'refuses a parameter that the real cmdlet does not have' {
            Import-Module ExchangeOnlineManagement
            { Set-CASMailbox -Identity x -SmtpAuth $true } | Should -Throw '*SmtpAuth*'
        }

        It 'does not see the preference of a script, as the real modules' {
            $file = Join-Path $TestDrive 'plain.ps1'
            Set-Content $file "`$ErrorActionPreference = 'Stop'; Get-Mailbox -Identity none@contoso.com 2>`$null; 'went on'"
            & $file | Should -Be 'went on'
        }

        It 'has each cmdlet that the scripts call, and no other' {
            $called = foreach ($kind in 'setup', 'remove', 'least') {
                $tokens = $errors = $null
                $tree = [Management.Automation.Language.Parser]::ParseFile((Write-Script $kind), [ref]$tokens, [ref]$errors)
                $errors | Should -BeNullOrEmpty
                $own = $tree.FindAll({ param($node) $node -is [Management.Automation.Language.FunctionDefinitionAst] }, $true).Name
                $tree.FindAll({ param($node) $node -is [Management.Automation.Language.CommandAst] }, $true) | ForEach-Object { $_.GetCommandName() } |
                    Where-Object { $_ -like '*-*' -and $own -notcontains $_ -and -not (Get-Command $_ -CommandType Cmdlet -Module 'Microsoft.PowerShell.*' -ErrorAction SilentlyContinue) }
            }
            $table = Get-Content (Join-Path $PSScriptRoot 'cmdlets.txt') | Where-Object { $_ -notlike '#*' } | ForEach-Object { $_.Split(' ')[1] }
            $called | Where-Object { $_ -notin 'Get-Module', 'Start-Sleep' } | Sort-Object -Unique | Should -Be ($table | Sort-Object -Unique)
        }
    }
}
